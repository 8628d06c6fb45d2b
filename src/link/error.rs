//! Why a request has failed.

use core::fmt;

use super::frame::FrameError;
use super::line::LineError;
use super::message::Refusal;

/// Why a request has failed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The line carries nothing any more.
    Line(LineError<E>),
    /// Nothing came back, however often the request was sent.
    Silent,
    /// All that came back was damaged, or the board got nothing but damaged frames.
    Noisy,
    /// Bytes came, but no answer within the [limit](super::client::LIMIT).
    Late,
    /// What came back is what was sent.
    Echo,
    /// The board refuses the request.
    Refused(Refusal),
    /// A frame was received as it was sent, but this program does not know the message.
    Frame(FrameError),
    /// An answer to another request.
    Unexpected,
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(error) => write!(f, "the serial line has failed ({error})"),
            Self::Silent => f.write_str("the board does not answer"),
            Self::Noisy => {
                f.write_str("the line damages every frame; lower its speed, or look at its ground and cable")
            }
            Self::Late => f.write_str(
                "bytes come, but no answer of the board: check the baud rate, and that no other program or host uses the line",
            ),
            Self::Echo => f.write_str(
                "what comes back is what was sent: connect TX to the board's RX and RX to its TX, and switch off any echo of \
                 the adapter",
            ),
            Self::Refused(refusal) => write!(f, "the board says no: {refusal}"),
            Self::Frame(error) => write!(f, "the board has sent {error}; is it of another version?"),
            Self::Unexpected => f.write_str("the board has answered another question; is it of another version?"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}
