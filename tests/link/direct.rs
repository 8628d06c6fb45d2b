//! No line at all: frames that are passed from hand to hand.

use std::convert::Infallible;

use trainlet::link::client::{Exchange, LIMIT, Next};
use trainlet::link::frame::Receiver;
use trainlet::link::message::Request;
use trainlet::link::node::{Node, REQUEST};

use crate::wire::{Damage, Way, Wire};
use crate::{Outcome, Small, node, serve};

/// The frames of `requests`, asked and answered without any line.
pub fn direct(requests: &[u8], damage: Option<Damage>) -> Outcome {
    let mut wire = Wire::new(damage);
    let (mut node, mut exchange, mut results) = (node(), Exchange::new(7, LIMIT), Vec::new());
    let (mut receiver, mut buffer) = (Receiver::EMPTY, [0; REQUEST]);
    for byte in requests {
        if let Some(frame) = receiver.take(*byte, &mut buffer) {
            frame.unwrap();
            let request = receiver.message::<Request>(&buffer).unwrap().message;
            results.push(ask(&request, &mut exchange, &mut node, &mut wire));
        }
    }
    Outcome { results, repeats: exchange.repeats(), wire }
}

fn ask(request: &Request, exchange: &mut Exchange, node: &mut Node<Small>, wire: &mut Wire) -> String {
    let mut next = exchange.begin::<Infallible>(request, 60, wire.now);
    loop {
        next = match next {
            Ok(Next::Send) => {
                wire.send(Way::ToBoard, exchange.bytes());
                serve(node, wire);
                Ok(Next::Receive)
            }
            Ok(Next::Receive) => match wire.at_host() {
                Some(byte) => exchange.on_byte(byte, wire.now),
                None => exchange.on_timeout(wire.now),
            },
            Ok(Next::Done) => return format!("{:?}", exchange.answer::<Infallible>()),
            Err(error) => panic!("{request:?}: {error:?}"),
        };
    }
}
