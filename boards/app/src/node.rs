//! A trainer on a serial line: a host sends the samples, asks for steps, and fetches the trained weights. `trainlet::link`
//! describes the messages.

use embedded_io::ErrorType;
use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::link::line;
use trainlet::link::node::Node;
pub use trainlet::networks::Family;
use trainlet::networks::Network;

use crate::board::{Board, STACK};

include!(concat!(env!("OUT_DIR"), "/network.rs"));

/// All RAM of the program but the stack, in one static.
pub struct Memory<M: Network> {
    node: Node<M>,
}

impl<M: Network> Memory<M> {
    /// All zeros.
    pub const ZERO: Self = Self { node: Node::ZERO };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// The error of a board's serial line.
pub type LineError<B> = line::LineError<<<B as Board>::Serial as ErrorType>::Error>;

/// Does what the host asks, forever.
pub fn run<M: Network, B: Board>(board: &mut B, memory: &mut Memory<M>) -> ! {
    const { assert_fits(Memory::<M>::RAM + STACK, B::RAM) };
    start::<M, B>(memory);
    loop {
        // A board has nobody to tell that its line has failed; the host finds out by itself.
        let _ = turn(board, memory);
    }
}

/// Makes the memory ready for the first [`turn`].
pub fn start<M: Network, B: Board>(memory: &mut Memory<M>) {
    memory.node.init(B::NAME, Memory::<M>::RAM as u32);
}

/// Waits for a request, does it and answers. The LED is on meanwhile.
///
/// # Errors
/// The line carries nothing any more.
pub fn turn<M: Network, B: Board>(board: &mut B, memory: &mut Memory<M>) -> Result<(), LineError<B>> {
    let node = &mut memory.node;
    node.receive(board.serial())?;
    board.set_led(true);
    let started = board.micros();
    let reply = node.handle();
    node.add_busy(board.micros() - started);
    board.set_led(false);
    node.send(reply, board.serial())
}
