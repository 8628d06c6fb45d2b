//! Which requests are new, and which have been handled before.

use super::frame::Frame;
use super::message::{Answer, Refusal, Request, VERSION};

/// The host's session, and its last request.
pub struct Session {
    open: bool,
    id: u32,
    /// Of the last request that was handled.
    sequence: u16,
}

/// What to do with a request.
pub enum Admission {
    /// Handle it.
    New,
    /// It was the last one: send the answer again.
    Repeated,
    /// It has been handled, and the host has its answer already.
    Old,
    /// A greeting for another network.
    WrongNetwork,
    /// It belongs to no session.
    Refused(Refusal),
}

impl Session {
    pub const NONE: Self = Self { open: false, id: 0, sequence: 0 };

    /// Decides on a request; `is_mine` knows the fingerprint of the network here.
    pub fn admit(&mut self, request: &Frame<Request>, is_mine: impl FnOnce(u32) -> bool) -> Admission {
        let Frame { session: id, sequence, message } = *request;
        if self.open && self.id == id {
            return match sequence.wrapping_sub(self.sequence) {
                0 => Admission::Repeated,
                1..0x8000 => {
                    self.sequence = sequence;
                    Admission::New
                }
                _ => Admission::Old,
            };
        }
        match message {
            Request::Hello { version, .. } if version != VERSION => Admission::Refused(Refusal::Version(VERSION)),
            Request::Hello { network, .. } if !is_mine(network) => Admission::WrongNetwork,
            Request::Hello { .. } => {
                *self = Self { open: true, id, sequence };
                Admission::New
            }
            _ => Admission::Refused(Refusal::NoSession),
        }
    }

    /// An answer to the last request that was handled.
    pub fn frame<'a>(&self, message: Answer<'a>) -> Frame<Answer<'a>> {
        Frame { session: self.id, sequence: self.sequence, message }
    }
}
