//! Whatever happens to a flash, and whenever: what a store finds is the last save or the one before it, whole, and nothing else.
#![cfg(feature = "store")]

mod common;
mod flash;

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

use common::tensor;
use flash::{Flash, PowerCut};
use trainlet::checkpoint;
use trainlet::core::archive::Archive;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Bf16, Schedule, Sgd, SgdConfig};
use trainlet::store::{Error, Store, bytes_written};
use trainlet::train::{Config, Trainer};

type Mixer = Net<3, 2, PatchEmbedding<3, 2, 1, 2>, [MixerBlock<3, 2, 4, 3>; 1], MeanHead<2, 3>>;
type Learning<O> = Trainer<Mixer, CrossEntropy, O, [f32; Mixer::ARENA]>;
type Tiny = Learning<Adam<[Bf16; Mixer::TRAINABLE]>>;

fn started() -> Box<Tiny> {
    let mut trainer = Box::new(Tiny::ZERO);
    let schedule = Schedule::constant(1e-2);
    trainer.init(Config::new(5, CrossEntropy::new(), AdamConfig::adam(), schedule)).unwrap();
    trainer
}

fn advance(trainer: &mut Tiny) {
    let step = trainer.steps();
    trainer.accumulate(&tensor(f64::from(step), 0.7), &(step as usize % 3), 1.0).unwrap();
    trainer.step();
}

fn written(trainer: &mut Tiny) -> Vec<u8> {
    let mut file = Vec::new();
    checkpoint::write(&mut file, &mut |archive| trainer.persist(archive)).unwrap();
    file
}

fn keep(trainer: &mut Tiny) -> impl FnMut(&mut Archive) {
    |archive| trainer.persist(archive)
}

/// What a device finds at power-up.
fn found<const WORD: usize, const BLOCK: usize>(flash: &Flash<WORD, BLOCK>, slots: u32) -> Vec<u8> {
    let mut store = Store::new(flash.clone(), 0..flash.bytes.len() as u32, slots).unwrap();
    let mut trainer = Box::new(Tiny::ZERO);
    if store.load(&mut keep(&mut trainer)).unwrap() { written(&mut trainer) } else { Vec::new() }
}

/// Saves step after step, and lets the power go in each operation of each save. After each cut the state before the save or after it is
/// found; after one of them, chosen at random, the device goes on from there. Gives the number of cuts.
fn cut<const WORD: usize, const BLOCK: usize>(blocks: usize, slots: u32, saves: u32) -> u64 {
    let key = Key::new(u64::from(slots), Purpose::Direction);
    let (mut choice, mut cuts) = (key.stream(), 0);
    let mut flash = Flash::<WORD, BLOCK>::new(blocks, key.child(1).stream());
    let mut trainer = started();
    let mut old = Vec::new();
    for _ in 0..saves {
        advance(&mut trainer);
        let new = written(&mut trainer);
        let save = |flash: &mut Flash<WORD, BLOCK>, trainer: &mut Tiny| {
            let mut store = Store::new(flash.clone(), 0..flash.bytes.len() as u32, slots).unwrap();
            let result = store.save(&mut keep(trainer));
            *flash = store.into_flash();
            result
        };
        let mut complete = flash.clone();
        complete.left = u64::MAX;
        let bytes = save(&mut complete, &mut trainer).unwrap();
        let operations = u64::MAX - complete.left;
        assert_eq!(bytes, bytes_written(new.len() as u32, WORD as u32));
        let chosen = u64::from(choice.below(operations as u32));
        let mut goes_on = complete;
        for operation in 0..operations {
            let mut broken = flash.clone();
            broken.left = operation + 1;
            assert_eq!(save(&mut broken, &mut trainer), Err(Error::Flash(PowerCut)));
            broken.left = u64::MAX;
            let state = found(&broken, slots);
            // Only if what is missing of the last word happened to be there is it the new state.
            assert!(state == old || state == new && operation + 1 == operations, "cut in {operation} of {operations}");
            cuts += 1;
            if operation == chosen {
                goes_on = broken;
            }
        }
        // Every other save is complete in the end.
        if choice.below(2) == 0 {
            save(&mut goes_on, &mut trainer).unwrap();
        }
        (flash, old) = (goes_on.clone(), found(&goes_on, slots));
    }
    cuts
}

#[test]
fn power_may_go_at_any_word_and_any_block() {
    let cuts = cut::<4, 1024>(2, 2, 200) + cut::<1, 512>(6, 3, 5) + cut::<16, 256>(16, 4, 40);
    println!("{cuts} cuts");
    assert!(cuts > 20_000);
}

/// With two saves in the flash, of which the newer is found.
fn twice() -> (Flash<4, 512>, [Vec<u8>; 2]) {
    let flash = Flash::new(4, Key::new(1, Purpose::Direction).stream());
    let mut store = Store::new(flash, 0..2048, 2).unwrap();
    let mut trainer = started();
    let states = [(); 2].map(|()| {
        advance(&mut trainer);
        store.save(&mut keep(&mut trainer)).unwrap();
        written(&mut trainer)
    });
    (store.into_flash(), states)
}

#[test]
fn a_flip_in_any_byte_of_a_slot_is_found_and_the_save_before_it_is_there() {
    let (flash, [old, new]) = twice();
    assert_eq!(found(&flash, 2), new);
    for byte in 0..bytes_written(new.len() as u32, 4) as usize {
        for bit in [0, 3, 7] {
            let mut flipped = flash.clone();
            flipped.bytes[1024 + byte] ^= 1 << bit;
            assert!(found(&flipped, 2) == old, "{byte}");
            flipped.bytes[32 + byte % 200] ^= 1 << bit;
            assert!(found(&flipped, 2).is_empty(), "both are damaged");
        }
    }
}

#[test]
fn slots_take_turns_and_saves_are_counted() {
    let mut store = Store::new(Flash::<4, 256>::new(12, Key::new(1, Purpose::Direction).stream()), 0..3072, 4).unwrap();
    let mut number = 0;
    for save in 1..=9 {
        number = 100 + save;
        store.save(&mut |archive| archive.count(&mut number)).unwrap();
        let flash = store.into_flash();
        assert_eq!(flash.bytes[((save - 1) % 4 * 768 + 8) as usize], save as u8, "the number of the save in its slot");
        store = Store::new(flash, 0..3072, 4).unwrap();
        assert_eq!(store.saves(), save);
        number = 0;
        assert!(store.load(&mut |archive| archive.count(&mut number)).unwrap());
        assert_eq!(number, 100 + save);
    }
    store.clear().unwrap();
    assert!(!store.load(&mut |archive| archive.count(&mut number)).unwrap());
    let flash = store.into_flash();
    assert!(flash.bytes.iter().all(|byte| *byte == 0xff), "nothing is left of it");
}

#[test]
fn what_is_of_something_else_or_does_not_fit_is_refused_by_name() {
    let (flash, _) = twice();
    let mut store = Store::new(flash, 0..2048, 2).unwrap();
    let mut other = Box::new(Learning::<Sgd>::ZERO);
    let config = Config::new(5, CrossEntropy::new(), SgdConfig::default(), Schedule::constant(1e-2));
    other.init(config).unwrap();
    let before = crc32(&other.weights);
    let refused = store.load(&mut |archive| other.persist(archive)).unwrap_err();
    assert_eq!(refused, Error::Checkpoint(checkpoint::Error::Kept));
    assert_eq!((before, other.steps()), (crc32(&other.weights), 0));

    let mut large = [0; 1000];
    let refused = store.save(&mut |archive| archive.bytes(&mut large)).unwrap_err();
    assert_eq!(refused, Error::TooLarge { needed: 1028, capacity: 992 });
    assert_eq!(store.saves(), 2, "nothing has been written");
    for (range, slots) in [(0..2048, 1), (0..2048, 5), (0..4096, 2), (4..1024, 2)] {
        let flash = Flash::<4, 512>::new(4, Key::new(1, Purpose::Direction).stream());
        assert!(matches!(Store::new(flash, range, slots), Err(Error::Area)));
    }
}

/// Some of its bits cannot be erased any more.
struct Worn(Flash<4, 512>);

impl ErrorType for Worn {
    type Error = PowerCut;
}

impl ReadNorFlash for Worn {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerCut> {
        self.0.read(offset, bytes)?;
        if (512..1024).contains(&offset) {
            bytes[1] &= 0xfd;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl NorFlash for Worn {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 512;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerCut> {
        self.0.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerCut> {
        self.0.write(offset, bytes)
    }
}

#[test]
fn a_slot_that_is_worn_out_is_found_at_once_and_left_out() {
    let flash = Worn(Flash::new(3, Key::new(1, Purpose::Direction).stream()));
    let mut store = Store::new(flash, 0..1536, 3).unwrap();
    let mut number = 0xffff_ffff;
    let results: Vec<_> = (0..6).map(|_| store.save(&mut |archive| archive.count(&mut number)).is_ok()).collect();
    assert_eq!(results, [true, false, true, true, false, true]);
    assert_eq!(store.saves(), 4);
}
