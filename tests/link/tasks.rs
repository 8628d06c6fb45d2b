//! Lines that tasks wait for: of those at both ends, each of which may be dropped.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use embassy_futures::block_on;
use embassy_futures::select::{Either, select};
use embassy_futures::yield_now;
use embedded_io::{ErrorKind, ErrorType};
use trainlet::core::params::Params;
use trainlet::link::client::{AsyncClient, Error};
use trainlet::link::line::LineError;
use trainlet::link::message::fingerprint;

use crate::blocking::blocking;
use crate::wire::{Damage, Way, Wire};
use crate::{Outcome, SETTINGS, Small, no_store, node, run};

/// Two tasks on an executor.
pub fn asynchronous(damage: Option<Damage>) -> Outcome {
    let wire = Rc::new(RefCell::new(Wire::new(damage)));
    let mut client = AsyncClient::new(HostEnd(wire.clone()), |line| line.0.borrow().now, 7);
    let Either::Second(results) = block_on(select(board(wire.clone()), async { run!(client.await) })) else {
        unreachable!("the board waits for requests")
    };
    Outcome { results, repeats: client.repeats(), wire: wire.take() }
}

async fn board(wire: Rc<RefCell<Wire>>) {
    let (mut node, mut line) = (node(), BoardEnd(wire));
    loop {
        node.receive_async(&mut line).await.unwrap();
        let reply = node.handle(&mut no_store);
        node.send_async(reply, &mut line).await.unwrap();
    }
}

struct BoardEnd(Rc<RefCell<Wire>>);
struct HostEnd(Rc<RefCell<Wire>>);

impl ErrorType for BoardEnd {
    type Error = Infallible;
}

impl ErrorType for HostEnd {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for BoardEnd {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        loop {
            let byte = self.0.borrow_mut().receive(Way::ToBoard);
            self.0.borrow_mut().is_idle = byte.is_none();
            if let Some(byte) = byte {
                buffer[0] = byte;
                return Ok(1);
            }
            yield_now().await;
        }
    }
}

impl embedded_io_async::Read for HostEnd {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let has_come = |wire: &Wire| !wire.is_empty(Way::ToHost);
        let is_over = |wire: &Wire| wire.is_idle && wire.is_empty(Way::ToBoard);
        while !has_come(&self.0.borrow()) && !is_over(&self.0.borrow()) {
            yield_now().await;
        }
        buffer[0] = self.0.borrow_mut().at_host().ok_or(ErrorKind::TimedOut)?;
        Ok(1)
    }
}

/// A few bytes at a time.
async fn write(wire: &RefCell<Wire>, way: Way, bytes: &[u8]) -> usize {
    yield_now().await;
    let count = bytes.len().min(7);
    wire.borrow_mut().send(way, &bytes[..count]);
    count
}

impl embedded_io_async::Write for BoardEnd {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(write(&self.0, Way::ToHost, bytes).await)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Write for HostEnd {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(write(&self.0, Way::ToBoard, bytes).await)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// A task that waits for a request may be dropped at any byte, as `select` does.
#[test]
fn what_is_dropped_while_it_waits_loses_no_byte() {
    let requests = blocking(None).wire.sent(Way::ToBoard);
    let wire = Rc::new(RefCell::new(Wire::default()));
    let (mut node, mut line) = (node(), BoardEnd(wire.clone()));
    for byte in &requests {
        wire.borrow_mut().send(Way::ToBoard, &[*byte]);
        if let Either::First(received) = block_on(select(node.receive_async(&mut line), yield_now())) {
            received.unwrap();
            let reply = node.handle(&mut no_store);
            block_on(node.send_async(reply, &mut line)).unwrap();
        }
    }
    assert_eq!(wire.borrow().sent(Way::ToHost), blocking(None).wire.sent(Way::ToHost));
}

/// So may a request, and the next one is answered.
#[test]
fn a_request_that_is_dropped_does_not_disturb_the_next_one() {
    let network = fingerprint(&Small::ZERO);
    for turns in 0..60 {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let mut client = AsyncClient::new(HostEnd(wire.clone()), |line| line.0.borrow().now, 7);
        let host = async {
            client.hello(network).await.unwrap();
            let patience = async {
                for _ in 0..turns {
                    yield_now().await;
                }
            };
            select(client.start(9, SETTINGS), patience).await;
            client.start(10, SETTINGS).await.unwrap();
            assert_eq!(client.status().await.unwrap().run, 10, "after {turns} turns");
        };
        assert!(matches!(block_on(select(board(wire.clone()), host)), Either::Second(())));
    }
}

/// Ends at once, or takes nothing.
struct Broken {
    takes: bool,
}

impl ErrorType for Broken {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for Broken {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, ErrorKind> {
        Ok(0)
    }
}

impl embedded_io_async::Write for Broken {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(if self.takes { bytes.len() } else { 0 })
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

#[test]
fn a_line_that_has_gone_or_takes_nothing_is_an_error() {
    for (takes, expected) in [(true, LineError::Ended), (false, LineError::Blocked)] {
        let mut client = AsyncClient::new(Broken { takes }, |_| Duration::ZERO, 7);
        assert_eq!(block_on(client.status()), Err(Error::Line(expected)));
    }
    assert_eq!(block_on(node().receive_async(&mut Broken { takes: true })), Err(LineError::Ended));
}
