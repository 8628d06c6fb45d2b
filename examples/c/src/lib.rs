//! A trainer for firmware in C. What C calls is in this file, `network.rs` has the network, and `make` writes the header.
//!
//! All `unsafe` of it is that of pointers which come from C: each is looked at for null, and is taken for what the header says otherwise.
#![no_std]

// On a desktop it has the panic handler; the library itself takes nothing else of it.
#[cfg(not(target_os = "none"))]
extern crate std;

mod network;
mod place;
pub mod sizes;
mod status;

use trainlet::checkpoint::{self, Slice};
use trainlet::core::checksum::crc32;
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Shuffle;
use trainlet::networks::Network;
use trainlet::nn::layer::Dropout;
use trainlet::nn::loss::Supervised;
use trainlet::nn::net::Model;
use trainlet::optim::{AdamConfig, Schedule};
use trainlet::train::{Config, StepReport};

use network::{Loss, Net};
use place::{bytes, bytes_mut, learner, started, value, value_mut};
use sizes::{TRAINLET_TARGETS, TRAINLET_WORDS};
pub use status::{Status, trainlet_message};

type Output = <Net as Model>::Output;

/// A trainer: weights, moments of the optimiser, gradient and activations, all the memory there is. Make it a `static`; a stack has no
/// room for it. It is used by one task at a time.
#[repr(C)]
pub struct Memory {
    words: [u64; TRAINLET_WORDS],
}

/// The settings of a run. `trainlet_defaults` gives those of `host-sim train`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Settings {
    /// Determines every random number.
    pub seed: u64,
    /// The full learning rate of Adam.
    pub learning_rate: f32,
    /// Steps in which the rate rises to that.
    pub warmup: u32,
    /// Steps of the whole run, at the end of which the rate has fallen to 0 along a cosine; 0: it stays as it is.
    pub steps: u32,
    /// Largest norm of a gradient; 0: any.
    pub clip: f32,
    /// Decoupled, as that of AdamW.
    pub weight_decay: f32,
    /// Probability of dropout.
    pub dropout: f32,
}

/// What a step has done.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Report {
    /// The learning rate.
    pub learning_rate: f32,
    /// Norm of the gradient before it was clipped.
    pub grad_norm: f32,
    /// Whether all weights were changed: not without a sample, and not by a gradient that is not finite.
    pub applied: bool,
}

/// The settings of `host-sim train`: seed 0, rate 0.005, gradients clipped at 1; the rate stays until `warmup` and `steps` are set.
#[unsafe(no_mangle)]
pub extern "C" fn trainlet_defaults() -> Settings {
    Settings { seed: 0, learning_rate: 5e-3, warmup: 0, steps: 0, clip: 1.0, weight_decay: 0.0, dropout: 0.0 }
}

/// Starts a run: draws the weights from the seed and forgets everything else.
///
/// # Safety
/// The pointers are null or point at what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trainlet_init(trainer: *mut Memory, settings: *const Settings) -> Status {
    // SAFETY: as the caller promises.
    let settings = unsafe { value::<Settings>(settings) };
    // SAFETY: as the caller promises.
    done(|| settings.and_then(|settings| unsafe { started(trainer, |learner| learner.init(config(*settings))) }))
}

/// Adds a sample to the gradient of the next step. `weight` is its part in the step's loss: 1 divided by the samples of the step.
/// `loss` may be null. A sample whose loss is not finite has no part in the step.
///
/// # Safety
/// The pointers are null or point at a trainer, `TRAINLET_INPUTS` numbers, `TRAINLET_TARGETS` numbers, and a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trainlet_accumulate(
    trainer: *mut Memory,
    input: *const f32,
    target: *const f32,
    weight: f32,
    loss: *mut f32,
) -> Status {
    // SAFETY: as the caller promises.
    let (learner, input, target, loss) =
        unsafe { (learner(trainer), value(input), value::<[f32; TRAINLET_TARGETS]>(target), loss.as_mut()) };
    done(|| {
        let target = <Loss as Supervised<Output>>::target(*target?);
        let found = learner?.accumulate(input?, &target, weight)?;
        if let Some(loss) = loss {
            *loss = found;
        }
        Ok(())
    })
}

/// Changes the weights by the gradient of the samples since the last step. `report` may be null.
///
/// # Safety
/// The pointers are null or point at what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trainlet_step(trainer: *mut Memory, report: *mut Report) -> Status {
    // SAFETY: as the caller promises.
    let (learner, report) = unsafe { (learner(trainer), report.as_mut()) };
    done(|| {
        let StepReport { lr, grad_norm, applied } = learner?.step();
        if let Some(report) = report {
            *report = Report { learning_rate: lr, grad_norm, applied };
        }
        Ok(())
    })
}

/// The outputs for a sample: logits, one for each class, or values.
///
/// # Safety
/// The pointers are null or point at a trainer, `TRAINLET_INPUTS` numbers and `TRAINLET_OUTPUTS` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trainlet_predict(trainer: *mut Memory, input: *const f32, output: *mut f32) -> Status {
    // SAFETY: as the caller promises.
    let (learner, input, output) = unsafe { (learner(trainer), value(input), value_mut::<Output>(output)) };
    done(|| {
        *output? = learner?.predict(input?);
        Ok(())
    })
}

/// CRC-32 of the weights, as host-sim prints it.
///
/// # Safety
/// The pointers are null or point at what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trainlet_crc32(trainer: *mut Memory, crc: *mut u32) -> Status {
    // SAFETY: as the caller promises.
    let (learner, crc) = unsafe { (learner(trainer), value_mut::<u32>(crc)) };
    done(|| {
        *crc? = crc32(&learner?.weights);
        Ok(())
    })
}

/// Writes the whole run down between two steps: weights, moments, settings and progress. `TRAINLET_SAVED` bytes are enough; `length` gets
/// their number.
///
/// # Safety
/// The pointers are null or point at a trainer, `capacity` bytes, and a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trainlet_save(
    trainer: *mut Memory,
    buffer: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Status {
    // SAFETY: as the caller promises.
    let (learner, buffer, length) =
        unsafe { (learner(trainer), bytes_mut(buffer, capacity), value_mut::<usize>(length)) };
    done(|| {
        let (learner, length) = (learner?, length?);
        *length = checkpoint::write(&mut buffer?, &mut |archive| learner.persist(archive))? as usize;
        Ok(())
    })
}

/// Goes on with a run that was saved. The trainer must have been initialised; if this fails, it is as it was.
///
/// # Safety
/// The pointers are null or point at a trainer and `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trainlet_load(trainer: *mut Memory, buffer: *const u8, length: usize) -> Status {
    // SAFETY: as the caller promises.
    let (learner, buffer) = unsafe { (learner(trainer), bytes(buffer, length)) };
    done(|| {
        let learner = learner?;
        checkpoint::read(&mut Slice::new(buffer?), &mut |archive| learner.persist(archive))?;
        Ok(())
    })
}

/// Which of `count` samples comes at this place of an epoch: a random order that takes no memory, that of `host-sim train`.
#[unsafe(no_mangle)]
pub extern "C" fn trainlet_shuffled(seed: u64, epoch: u32, place: u32, count: u32) -> u32 {
    Shuffle::new(Key::new(seed, Purpose::Order).child(epoch.into()), count).index(place)
}

fn config(settings: Settings) -> Config<Loss, AdamConfig, true> {
    let Settings { seed, learning_rate, warmup, steps, clip, weight_decay, dropout } = settings;
    let schedule = match steps {
        0 => Schedule { warmup, ..Schedule::constant(learning_rate) },
        _ => Schedule::cosine(learning_rate, warmup, steps),
    };
    let adam = if weight_decay == 0.0 { AdamConfig::adam() } else { AdamConfig::adamw(weight_decay) };
    let config = Config::new(seed, <Net as Network>::LOSS, adam, schedule);
    Config { dropout: Dropout { p: dropout }, ..config.clipped((clip != 0.0).then_some(clip)) }
}

fn done(work: impl FnOnce() -> Result<(), Status>) -> Status {
    work().err().unwrap_or(Status::Ok)
}

/// The library panics nowhere, so that this is never linked.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
