//! Messages between a board that trains and a host that has the data, over any serial line.
//!
//! The host asks, the board answers; only one request is under way at a time, so a board is never sent more than it can
//! hold. A [`Frame`](frame::Frame) carries a message with a session and a sequence number and the CRC-32 of
//! it all, stuffed by COBS so that a zero byte ends it and nothing else. A damaged frame is reported at once, and
//! the host sends the request again, as it does when no answer comes. The board handles each sequence number once
//! and keeps its answer: a repeated request gets the same answer again, and nothing happens twice. The greeting names the
//! version and the network and begins a session; it does not touch the trainer, so a host can resume a run after a lost
//! connection.
//!
//! | part | |
//! |---|---|
//! | [`message`] | requests and answers |
//! | [`frame`] | their bytes on the line |
//! | [`mod@line`] | what carries them |
//! | [`node`] | the board's end |
//! | [`client`] | the host's end |
//! | `asynchronous` | both on lines of embedded-io-async (feature `async`) |
//!
//! Neither end needs a line to wait for: [`Node::take`](node::Node::take) and [`Exchange`](client::Exchange) are given bytes and say what is
//! to be sent. What receives and sends on lines of embedded-io or embedded-io-async is a few lines around them.
//!
//! A board never sends samples back: [`Readable`](message::Readable) lists what it can be asked to
//! [`Read`](message::Request::Read), and samples are not in it. Nor does it keep the last one for whoever comes next: a greeting, a
//! new run and new weights make it forget the sample, since who may choose the weights can choose some whose outputs are the
//! inputs.

#[cfg(feature = "async")]
pub mod asynchronous;
mod blocking;
mod chunk;
pub mod client;
mod error;
mod exchange;
pub mod frame;
pub mod line;
pub mod message;
pub mod node;
mod refusal;
mod requests;
mod reset;
mod sample;
mod session;
mod sizes;
#[cfg(feature = "store")]
mod stored;
mod values;
mod worker;
