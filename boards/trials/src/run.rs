//! The program: trials one after the other in the same memory.

use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::core::setting::OutOfRange;
use trainlet::networks::Network as _;
use trainlet_app::board::{Board, STACK};
use trainlet_app::report::{Stack, line};

use crate::list::{Listed, trial};
use crate::samples::BATCH;
use crate::trial::{Trial, TrialState};

include!(concat!(env!("OUT_DIR"), "/chosen.rs"));

macro_rules! room {
    ($($place:ident $trial:tt;)+) => {
        /// Room for one trial at a time. The tag has a byte of its own, so that all of it begins as zeros.
        #[repr(u8)]
        #[allow(clippy::large_enum_variant, reason = "it is a static")]
        enum Room {
            Free,
            $($place(TrialState<<trial!($trial) as Listed>::Of<Chosen>>),)+
        }

        fn run_each<B: Board>(board: &mut B, room: &mut Room) {
            $(
                // A constant is copied into place from flash. Any other expression would be built on the stack first.
                *room = const { Room::$place(TrialState::ZERO) };
                if let Room::$place(state) = room {
                    report(board, state);
                }
            )+
        }
    };
}
use room;

/// All RAM of the program but the stack, in one static: that of the largest trial.
pub struct Memory {
    room: Room,
}

impl Memory {
    /// All zeros.
    pub const ZERO: Self = Self { room: Room::Free };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// Makes each trial that the image contains and reports it.
pub fn run<B: Board>(board: &mut B, memory: &mut Memory) -> ! {
    const { assert_fits(Memory::RAM + STACK, B::RAM) };
    let (network, name, ram) = (Chosen::NAME, B::NAME, Memory::RAM);
    line(board, format_args!("trainlet trials: {network} on {name}, {STEPS} steps of {BATCH}, {ram} bytes"));
    run_each(board, &mut memory.room);
    board.exit();
    loop {
        core::hint::spin_loop();
    }
}

#[inline(never)]
fn report<B: Board, T: Trial>(board: &mut B, state: &mut TrialState<T>) {
    let name = T::NAME;
    if let Err(error) = measure(board, state) {
        let (setting, range) = (error.setting.name(), error.setting.range().text());
        line(board, format_args!("{name}: the {setting} must be {range}"));
    }
}

fn measure<B: Board, T: Trial>(board: &mut B, state: &mut TrialState<T>) -> Result<(), OutOfRange> {
    let [one, two] = time(board, state)?;
    let (crc, stack) = board.with_stack_measured(|| state.rehearse(STEPS));
    let (name, bytes, stack, crc) = (T::NAME, TrialState::<T>::BYTES, Stack(stack), crc?);
    line(board, format_args!("{name}: {bytes} bytes, {stack}, {one} + {two} us, CRC-32 {crc:08x}"));
    Ok(())
}

/// Microseconds of a step of one sample and of one of two. They are steps in the middle of a run: some trials have nothing
/// to go by in the first, and noise is gone in the last. Nothing is random, or a sample without a block would count for one.
fn time<B: Board, T: Trial>(board: &mut B, state: &mut TrialState<T>) -> Result<[u64; 2], OutOfRange> {
    state.start(100, false)?;
    state.make_up(0);
    state.step_of(0, 1);
    Ok(["one", "two"].map(|samples| {
        let started = board.micros();
        let count = if samples == "one" { 1 } else { 2 };
        board.in_window(format_args!("{}: {samples}", T::NAME), || state.step_of(0, count));
        board.micros() - started
    }))
}
