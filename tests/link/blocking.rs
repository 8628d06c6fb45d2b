//! A line that blocks.

use std::cell::RefCell;
use std::rc::Rc;

use embedded_io::{ErrorKind, ErrorType};
use trainlet::link::client::Client;
use trainlet::link::node::Node;

use crate::wire::{Damage, Way, Wire};
use crate::{Outcome, Small, node, run, serve};

/// On a line that blocks, at whose other end the node is given byte by byte.
pub fn blocking(damage: Option<Damage>) -> Outcome {
    let wire = Rc::new(RefCell::new(Wire::new(damage)));
    let mut client = Client::new(Blocking { wire: wire.clone(), node: node() }, |line| line.wire.borrow().now, 7);
    let results = run!(client);
    Outcome { results, repeats: client.repeats(), wire: wire.take() }
}

struct Blocking {
    wire: Rc<RefCell<Wire>>,
    node: Box<Node<Small>>,
}

impl ErrorType for Blocking {
    type Error = ErrorKind;
}

impl embedded_io::Read for Blocking {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        buffer[0] = self.wire.borrow_mut().at_host().ok_or(ErrorKind::TimedOut)?;
        Ok(1)
    }
}

impl embedded_io::Write for Blocking {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let mut wire = self.wire.borrow_mut();
        wire.send(Way::ToBoard, bytes);
        serve(&mut self.node, &mut wire);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
