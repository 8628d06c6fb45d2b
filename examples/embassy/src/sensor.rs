//! A sensor in place of a real one: the timer's interrupt brings a frame 50 times per second, for which there is room for one.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::channel::Channel;
use trainlet::core::rng::{Key, Purpose};

/// Values that are measured at a time.
pub const AXES: usize = 6;
/// Frames per second.
pub const PER_SECOND: u32 = 50;
/// Of the processor and its timer.
pub const HERTZ: u32 = 168_000_000;
/// Frames of a movement, which the next one follows after a pause.
const MOVEMENT: u32 = 40;
const KINDS: u32 = 3;

/// A measurement.
pub struct Frame {
    /// Axis by axis.
    pub values: [f32; AXES],
    /// The movement.
    pub label: usize,
}

/// The next frame finds the one before it gone, or is missed.
pub static FRAMES: Channel<CriticalSectionRawMutex, Frame, 1> = Channel::new();
static MISSED: AtomicU32 = AtomicU32::new(0);
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Switches it on.
pub fn start(mut timer: SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(HERTZ / PER_SECOND - 1);
    timer.clear_current();
    timer.enable_counter();
    timer.enable_interrupt();
}

/// Cycles since the last frame came.
pub fn age() -> u32 {
    SYST::get_reload() - SYST::get_current()
}

/// Frames that found no room.
pub fn missed() -> u32 {
    MISSED.load(Ordering::Relaxed)
}

/// There was a pause before this frame.
pub fn begins(number: u32) -> bool {
    number.is_multiple_of(MOVEMENT)
}

#[exception]
fn SysTick() {
    let number = NUMBER.load(Ordering::Relaxed);
    NUMBER.store(number.wrapping_add(1), Ordering::Relaxed);
    if FRAMES.try_send(measure(number)).is_err() {
        MISSED.store(missed() + 1, Ordering::Relaxed);
    }
}

/// Up and down along axes and at a pace that are the movement's, with noise.
fn measure(number: u32) -> Frame {
    let label = number / MOVEMENT % KINDS;
    let mut noise = Key::new(2, Purpose::Order).child(u64::from(number)).stream();
    let values = core::array::from_fn(|axis| {
        let phase = (number * (3 + label) + 5 * axis as u32 * label) % 16;
        let triangle = phase.min(16 - phase) as f32 / 4.0 - 1.0;
        let part = if axis as u32 % KINDS == label { 1.0 } else { 0.3 };
        part * triangle + 0.2 * (2.0 * noise.uniform() - 1.0)
    });
    Frame { values, label: label as usize }
}
