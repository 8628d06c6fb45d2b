//! Both ends over lines of embedded-io-async (feature `async`): [`Node::receive_async`], [`Node::send_async`] and
//! [`AsyncClient`](super::client::AsyncClient).
//!
//! A task that serves the link beside one that reads a sensor:
//!
//! ```
//! use embassy_futures::{block_on, join::join};
//! # use embassy_futures::yield_now;
//! use embedded_io_async::{Read, Write};
//! use trainlet::link::message::{Refusal, ResetCause};
//! use trainlet::link::node::Node;
//! use trainlet::networks::Watch12x1;
//! # use core::convert::Infallible;
//! # use embedded_io_async::ErrorType;
//! # use trainlet::link::frame::{Frame, encode};
//! # use trainlet::link::message::{Request, VERSION};
//! #
//! # struct Usb { request: Vec<u8>, sent: Vec<u8> }
//! # impl ErrorType for Usb { type Error = Infallible; }
//! # impl Read for Usb {
//! #     async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
//! #         if self.request.is_empty() { yield_now().await; return Ok(0); }
//! #         bytes[0] = self.request.remove(0);
//! #         Ok(1)
//! #     }
//! # }
//! # impl Write for Usb {
//! #     async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> { self.sent.extend(bytes); Ok(bytes.len()) }
//! #     async fn flush(&mut self) -> Result<(), Infallible> { Ok(()) }
//! # }
//! # struct Sensor(u32);
//! # impl Sensor { async fn measure(&mut self) -> bool { self.0 += 1; yield_now().await; self.0 < 50 } }
//!
//! /// Answers the host until the line has gone.
//! async fn serve(node: &mut Node<Watch12x1>, line: &mut (impl Read + Write)) {
//!     while node.receive_async(line).await.is_ok() {
//!         let reply = node.handle(&mut |_| Err(Refusal::NoStore));
//!         if node.send_async(reply, line).await.is_err() {
//!             break;
//!         }
//!     }
//! }
//!
//! async fn sense(sensor: &mut Sensor) {
//!     while sensor.measure().await {}
//! }
//!
//! # let frame = Frame { session: 1, sequence: 1, message: Request::Hello { version: VERSION, network: 0 } };
//! # let request = encode(&frame, &mut [0; 40]).unwrap().to_vec();
//! # let (mut usb, mut sensor) = (Usb { request, sent: Vec::new() }, Sensor(0));
//! let mut node = Box::new(Node::ZERO); // a `ConstStaticCell` on a board
//! node.init("my-board", ResetCause::Unknown, size_of_val(&*node) as u32);
//! block_on(join(serve(&mut node, &mut usb), sense(&mut sensor)));
//! # assert!(usb.sent.len() > 20 && usb.sent.ends_with(&[0]) && sensor.0 == 50);
//! ```
//!
//! Other tasks wait while a request is [handled](Node::handle), as long as a sample takes or an update; a line must keep what comes
//! meanwhile, of which there is at most one request. What gives whole packets, as USB does, needs no buffer beside: give each of their
//! bytes to [`Node::take`], and send [`Node::bytes`].

pub use embedded_io_async::{Read, Write};

use super::line::LineError;
use super::node::{Node, Reply};
use crate::networks::Network;
use crate::optim::State;

/// Waits for a byte.
pub(super) async fn read_byte<L: Read>(line: &mut L) -> Result<u8, LineError<L::Error>> {
    let mut byte = [0];
    match line.read(&mut byte).await.map_err(LineError::Failed)? {
        0 => Err(LineError::Ended),
        _ => Ok(byte[0]),
    }
}

/// Sends all of the bytes. (The `write_all` of embedded-io-async panics if none is taken.)
pub(super) async fn write_all<L: Write>(line: &mut L, bytes: &[u8]) -> Result<(), LineError<L::Error>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match line.write(rest).await.map_err(LineError::Failed)? {
            0 => return Err(LineError::Blocked),
            count => rest = rest.get(count..).unwrap_or_default(),
        }
    }
    line.flush().await.map_err(LineError::Failed)
}

impl<M: Network, S: State> Node<M, S> {
    /// Waits for a frame, for [`handle`](Self::handle). If a read of the line may be dropped before its end, so may this: the bytes so far
    /// are kept.
    ///
    /// # Errors
    /// The line carries nothing any more.
    pub async fn receive_async<L: Read>(&mut self, line: &mut L) -> Result<(), LineError<L::Error>> {
        while !self.take(read_byte(line).await?) {}
        Ok(())
    }

    /// Sends the reply that [`handle`](Self::handle) returned.
    ///
    /// # Errors
    /// The line carries nothing any more.
    pub async fn send_async<L: Write>(&self, reply: Reply, line: &mut L) -> Result<(), LineError<L::Error>> {
        match self.bytes(reply) {
            [] => Ok(()),
            bytes => write_all(line, bytes).await,
        }
    }
}
