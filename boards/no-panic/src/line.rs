//! Both ends of a line.

use core::hint::black_box;
use core::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use trainlet::link::client::Client;
use trainlet::link::message::Refusal;
use trainlet::link::message::{Readable, Writable};
use trainlet::link::node::Node;
use trainlet::networks::Watch12x1;

use crate::Memory;

pub fn all(memory: &Memory) {
    let node = memory.value::<Node<Watch12x1>>();
    node.init("board", *memory.value(), *memory.value());
    black_box(node.receive(&mut Line).is_ok());
    let reply = node.handle(&mut |_| Err(Refusal::NoStore));
    node.add_busy(*memory.value());
    black_box(node.send(reply, &mut Line).is_ok());

    let mut client = Client::new(Line, |_| black_box(Duration::ZERO), *memory.value());
    let (values, label) = (memory.value::<[f32; 64]>(), *memory.value::<&[f32]>());
    black_box(client.hello(*memory.value()).is_ok());
    black_box(client.status().is_ok());
    black_box(client.start(*memory.value(), *memory.value()).is_ok());
    black_box(client.write(Writable::Sample, values).is_ok());
    black_box(client.accumulate(label, *memory.value()).is_ok());
    black_box(client.step().is_ok());
    black_box(client.evaluate(label).is_ok());
    black_box(client.predict(values).is_ok());
    black_box(client.read(Readable::Weights, values).is_ok());
    black_box(client.commit(*memory.value()).is_ok());
    black_box(client.checksum().is_ok());
    black_box(client.budget().is_ok());
}

/// One of which nothing is known.
struct Line;

impl ErrorType for Line {
    type Error = ErrorKind;
}

impl Read for Line {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, ErrorKind> {
        let length = bytes.len();
        black_box(bytes);
        Ok(black_box(length).min(length))
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        black_box(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        black_box(Ok(()))
    }
}
