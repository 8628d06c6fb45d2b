//! A trainer on a serial line: a host sends the samples, asks for steps, and fetches what was learnt. `trainlet::link`
//! describes the messages.

use embedded_io::ErrorType;
use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::link::node::Node;
#[allow(unused_imports, reason = "only some choices of activations need it")]
use trainlet::networks::Family;

use crate::board::{Board, STACK};

include!(concat!(env!("OUT_DIR"), "/network.rs"));

/// All RAM of the program but the stack, in one static.
pub struct Memory {
    node: Node<Net>,
}

impl Memory {
    /// All zeros.
    pub const ZERO: Self = Self { node: Node::ZERO };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// What the serial line of a board says when it fails.
pub type LineError<B> = <<B as Board>::Serial as ErrorType>::Error;

/// Does what the host asks, for ever.
pub fn run<B: Board>(board: &mut B, memory: &mut Memory) -> ! {
    const { assert_fits(Memory::RAM + STACK, B::RAM) };
    start::<B>(memory);
    loop {
        // A board has nobody to tell that its line has failed; the host finds out by itself.
        let _ = turn(board, memory);
    }
}

/// Makes the memory ready for the first [`turn`].
pub fn start<B: Board>(memory: &mut Memory) {
    memory.node.init(B::NAME, Memory::RAM as u32);
}

/// Waits for a request, does it and answers. The light is on meanwhile.
///
/// # Errors
/// Returns the I/O error of the transport.
pub fn turn<B: Board>(board: &mut B, memory: &mut Memory) -> Result<(), LineError<B>> {
    let node = &mut memory.node;
    node.receive(board.serial())?;
    board.set_led(true);
    let started = board.micros();
    let reply = node.handle();
    node.add_busy(board.micros() - started);
    board.set_led(false);
    node.send(reply, board.serial())
}
