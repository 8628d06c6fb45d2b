//! What C does wrong is told, and changes nothing.

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use trainlet_c::sizes::{TRAINLET_INPUTS, TRAINLET_OUTPUTS, TRAINLET_WORDS};
use trainlet_c::{
    Memory, Settings, Status, trainlet_accumulate, trainlet_crc32, trainlet_defaults, trainlet_init, trainlet_load,
    trainlet_message, trainlet_predict, trainlet_save, trainlet_shuffled, trainlet_step,
};

/// Memory with anything in it.
fn memory() -> Vec<u64> {
    vec![0xa5a5_a5a5_a5a5_a5a5; TRAINLET_WORDS]
}

fn trainer(memory: &mut [u64]) -> *mut Memory {
    memory.as_mut_ptr().cast()
}

fn init(memory: &mut [u64], settings: Settings) -> Status {
    // SAFETY: there is memory for a trainer.
    unsafe { trainlet_init(trainer(memory), &settings) }
}

fn started() -> Vec<u64> {
    let mut memory = memory();
    assert_eq!(init(&mut memory, trainlet_defaults()), Status::Ok);
    memory
}

fn accumulate(memory: &mut [u64], class: f32) -> Status {
    let input = [0.5; TRAINLET_INPUTS];
    // SAFETY: all of it is there.
    unsafe { trainlet_accumulate(trainer(memory), input.as_ptr(), &class, 1.0, null_mut()) }
}

fn crc(memory: &mut [u64]) -> u32 {
    let mut crc = 0;
    // SAFETY: all of it is there.
    assert_eq!(unsafe { trainlet_crc32(trainer(memory), &mut crc) }, Status::Ok);
    crc
}

fn step(memory: &mut [u64]) {
    assert_eq!(accumulate(memory, 2.0), Status::Ok);
    // SAFETY: all of it is there.
    assert_eq!(unsafe { trainlet_step(trainer(memory), null_mut()) }, Status::Ok);
}

fn save(memory: &mut [u64], buffer: &mut [u8]) -> Result<usize, Status> {
    let mut length = 0;
    // SAFETY: all of it is there.
    match unsafe { trainlet_save(trainer(memory), buffer.as_mut_ptr(), buffer.len(), &mut length) } {
        Status::Ok => Ok(length),
        status => Err(status),
    }
}

fn load(memory: &mut [u64], buffer: &[u8]) -> Status {
    // SAFETY: all of it is there.
    unsafe { trainlet_load(trainer(memory), buffer.as_ptr(), buffer.len()) }
}

#[test]
fn null_pointers_are_refused() {
    let mut memory = started();
    let (mut input, mut output) = ([0.0_f32; TRAINLET_INPUTS], [0.0_f32; TRAINLET_OUTPUTS]);
    let (trainer, input, output) = (trainer(&mut memory), input.as_mut_ptr(), output.as_mut_ptr());
    // SAFETY: what is not null is there.
    let results = unsafe {
        [
            trainlet_init(null_mut(), &trainlet_defaults()),
            trainlet_init(trainer, null()),
            trainlet_accumulate(null_mut(), input, output, 1.0, null_mut()),
            trainlet_accumulate(trainer, null(), output, 1.0, null_mut()),
            trainlet_accumulate(trainer, input, null(), 1.0, null_mut()),
            trainlet_step(null_mut(), null_mut()),
            trainlet_predict(null_mut(), input, output),
            trainlet_predict(trainer, null(), output),
            trainlet_predict(trainer, input, null_mut()),
            trainlet_crc32(null_mut(), &mut 0),
            trainlet_crc32(trainer, null_mut()),
            trainlet_save(null_mut(), &mut 0, 1, &mut 0),
            trainlet_save(trainer, null_mut(), 1, &mut 0),
            trainlet_save(trainer, &mut 0, 1, null_mut()),
            trainlet_load(null_mut(), &0, 1),
            trainlet_load(trainer, null(), 1),
        ]
    };
    assert_eq!(results, [Status::NullPointer; 16]);
}

#[test]
fn what_has_not_been_initialised_does_nothing() {
    for mut memory in [memory(), vec![0; TRAINLET_WORDS]] {
        let before = memory.clone();
        assert_eq!(accumulate(&mut memory, 0.0), Status::NotInitialised);
        assert_eq!(load(&mut memory, &[0; 64]), Status::NotInitialised);
        assert_eq!(memory, before);
        assert_eq!(init(&mut memory, Settings { learning_rate: 0.0, ..trainlet_defaults() }), Status::LearningRate);
        assert_eq!(accumulate(&mut memory, 0.0), Status::NotInitialised, "after a start that has failed");
    }
}

#[test]
fn settings_out_of_range_are_named() {
    let usual = trainlet_defaults();
    for (settings, status) in [
        (Settings { learning_rate: f32::NAN, ..usual }, Status::LearningRate),
        (Settings { weight_decay: -0.1, ..usual }, Status::WeightDecay),
        (Settings { clip: -1.0, ..usual }, Status::Clip),
        (Settings { dropout: 1.0, ..usual }, Status::Dropout),
        (Settings { clip: 0.0, warmup: 3, steps: 9, weight_decay: 0.1, dropout: 0.5, ..usual }, Status::Ok),
    ] {
        assert_eq!(init(&mut memory(), settings), status, "{settings:?}");
    }
}

#[test]
fn a_class_that_there_is_not_changes_nothing() {
    let mut memory = started();
    let before = crc(&mut memory);
    for class in [7.0, -1.0, 0.5, f32::NAN] {
        assert_eq!(accumulate(&mut memory, class), Status::Target, "{class}");
    }
    // SAFETY: the trainer is there.
    assert_eq!(unsafe { trainlet_step(trainer(&mut memory), null_mut()) }, Status::Ok);
    assert_eq!(crc(&mut memory), before);
    step(&mut memory);
    assert_ne!(crc(&mut memory), before);
}

#[test]
fn a_saved_run_goes_on_and_a_damaged_one_is_refused() {
    let (mut memory, mut buffer) = (started(), vec![0; 1 << 16]);
    step(&mut memory);
    assert_eq!(accumulate(&mut memory, 1.0), Status::Ok);
    assert_eq!(save(&mut memory, &mut buffer), Err(Status::SamplesWaiting));
    step(&mut memory);
    let length = save(&mut memory, &mut buffer).unwrap();
    buffer.truncate(length);
    assert_eq!(save(&mut memory, &mut vec![0; length - 1]), Err(Status::NoRoom));

    let mut other = memory.clone();
    init(&mut other, Settings { seed: 9, ..trainlet_defaults() });
    let before = other.clone();
    let mut damaged = buffer.clone();
    damaged[length / 2] ^= 1;
    assert_eq!(load(&mut other, &damaged), Status::Damaged);
    assert_eq!(load(&mut other, &buffer[..length - 1]), Status::Damaged);
    assert_eq!(load(&mut other, b"a text that is no saved run"), Status::Foreign);
    assert!(other == before, "nothing has changed");
    assert_eq!(load(&mut other, &buffer), Status::Ok);
    step(&mut memory);
    step(&mut other);
    assert_eq!(crc(&mut other), crc(&mut memory));
}

#[test]
fn every_sample_of_an_epoch_comes_once() {
    let mut order: Vec<_> = (0..100).map(|place| trainlet_shuffled(3, 1, place, 100)).collect();
    assert!(!order.is_sorted());
    order.sort_unstable();
    assert!(order.into_iter().eq(0..100));
}

#[test]
fn every_status_has_a_text() {
    // SAFETY: the texts end in a zero and last forever.
    let text = |status| unsafe { CStr::from_ptr(trainlet_message(status)) }.to_str().unwrap();
    let mut texts: Vec<_> = (0..=Status::Damaged as i32).map(text).collect();
    assert!(texts[Status::NotInitialised as usize].contains("trainlet_init"));
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), Status::Damaged as usize + 1);
    assert_eq!(text(-1), "there is no such status");
}
