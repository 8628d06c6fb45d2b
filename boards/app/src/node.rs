//! A trainer on a serial line: a host sends the samples, asks for steps, and fetches the trained weights. `trainlet::link`
//! describes the messages.

use embedded_io::ErrorType;
use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::link::line;
use trainlet::link::node::Node;
pub use trainlet::networks::{Family, Network};
use trainlet::optim::State;

use crate::board::{Board, STACK};
use crate::lesson::SAVE_EVERY;
use crate::report::{Count, Name, probe};
use crate::saver::Saver;

include!(concat!(env!("OUT_DIR"), "/network.rs"));

/// All RAM of the program but the stack, in one static; `S` is how Adam keeps its numbers.
pub struct Memory<M: Network, S: State = <M as Network>::F32> {
    node: Node<M, S>,
}

impl<M: Network, S: State> Memory<M, S> {
    /// All zeros.
    pub const ZERO: Self = Self { node: Node::ZERO };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// The error of a board's serial line.
pub type LineError<B> = line::LineError<<<B as Board>::Serial as ErrorType>::Error>;

/// Does what the host asks, forever. On a board that keeps checkpoints a run goes on after the board has been switched off.
pub fn run<M: Network, S: State, B: Board>(board: &mut B, memory: &mut Memory<M, S>) -> ! {
    const { assert_fits(Memory::<M, S>::RAM + STACK, B::RAM) };
    let mut saver = start(board, memory, SAVE_EVERY);
    loop {
        // The host finds out by itself.
        if turn(board, memory, &mut saver).is_err() {
            probe(format_args!("the serial line has failed"));
        }
    }
}

/// Makes the memory ready for the first [`turn`]: with the last save, if there is one. `save_every` is the number of steps from one
/// save to the next, or 0.
pub fn start<M: Network, S: State, B: Board>(
    board: &mut B,
    memory: &mut Memory<M, S>,
    save_every: u32,
) -> Saver<B::Flash> {
    let node = &mut memory.node;
    node.init(B::NAME, board.reset_cause(), Memory::<M, S>::RAM as u32);
    let mut saver = Saver::new(board);
    saver.load(&mut |archive| node.persist(archive));
    node.save_every(save_every, saver.saves(), saver.errors);
    let (saves, bytes) = (Count(saver.saves() as usize), Count(Memory::<M, S>::RAM));
    probe(format_args!("trainlet node: {} on {}, {bytes} bytes, {saves} saves", Name(M::NAME), Name(B::NAME)));
    saver
}

/// Waits for a request, does it and answers. The LED is on meanwhile.
///
/// # Errors
/// The line carries nothing any more.
pub fn turn<M: Network, S: State, B: Board>(
    board: &mut B,
    memory: &mut Memory<M, S>,
    saver: &mut Saver<B::Flash>,
) -> Result<(), LineError<B>> {
    let node = &mut memory.node;
    node.receive(board.serial())?;
    board.set_led(true);
    let started = board.micros();
    let reply = node.handle(&mut |keep| saver.save(keep));
    node.add_busy(board.micros() - started);
    board.set_led(false);
    board.feed_watchdog();
    node.send(reply, board.serial())
}
