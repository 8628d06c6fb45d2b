//! Both ends of a line that blocks, and of none. (Of one that tasks wait for: bin/tasks.rs.)

use core::hint::black_box;
use core::time::Duration;

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use trainlet::link::client::{Client, Exchange, Next};
use trainlet::link::message::{Readable, Refusal, Request, Writable};
use trainlet::link::node::Node;
use trainlet::networks::Watch12x1;

use crate::Memory;

pub fn all(memory: &Memory) {
    blocking(memory);
    without(memory);
}

fn blocking(memory: &Memory) {
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

fn without(memory: &Memory) {
    let node = memory.value::<Node<Watch12x1>>();
    let mut exchange = Exchange::new(*memory.value(), *memory.value());
    let (mut next, now) = (exchange.begin::<ErrorKind>(&Request::Step, 3, *memory.value()), *memory.value());
    while let Ok(step) = next {
        next = match step {
            Next::Send => exchange.on_timeout(now),
            Next::Receive => exchange.on_byte(*memory.value(), now),
            Next::Done => break,
        };
        exchange.bytes().iter().for_each(|byte| _ = black_box(node.take(*byte)));
        let reply = node.handle(&mut |_| Err(Refusal::NoStore));
        black_box(node.bytes(reply));
    }
    black_box(exchange.answer::<ErrorKind>().is_ok());
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
