//! A network that was trained on other people adapts to the one who wears the device, without a sample leaving it.
//!
//! Samples with a label are kept in RAM as they come, as bytes. When it is [asked to](Reading::Learn) the network learns from them for some
//! epochs, and beside them from [a few in flash](Lesson::train), so that what it knew before is not forgotten. The weights that it starts
//! with come from [`Lesson::start`]. Weights and samples are saved, so that a device goes on where it was switched off.

use static_cell::ConstStaticCell;
use trainlet::core::archive::Archive;
use trainlet::core::budget::assert_fits;
use trainlet::core::checksum::crc32;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::data::{Replay, Shuffle};
use trainlet::nn::loss::Loss;
use trainlet::nn::net::Model;
use trainlet::optim::{AdamConfig, Schedule};
use trainlet::train::Config;

use crate::board::{Board, STACK};
use crate::lesson::{self, CLIP, Lesson, LessonTrainer, blink};
use crate::report::{Count, Fixed, Hex, Name, line};
use crate::results::Results;
use crate::saver::{Found, Saver, checksum};

/// What a look at the sensor, and at its wearer, has brought.
pub enum Reading {
    /// No whole sample yet.
    NotYet,
    /// The input is a sample, to be told apart.
    Sample,
    /// The input is a sample of this class, to be kept.
    Labelled(usize),
    /// It is time to learn what was kept.
    Learn,
    /// Nothing more will come, as in a demonstration.
    Over,
}

/// All RAM of the program but the stack: at most `N` samples in `K` classes are kept, each of `LEN` frames of `F` features in bytes. Where
/// more come, as many of each class stay as there is room for.
pub struct Memory<T: Lesson, const F: usize, const LEN: usize, const N: usize, const K: usize> {
    trainer: LessonTrainer<T>,
    kept: Kept<F, LEN, N, K>,
    input: [[i8; F]; LEN],
}

type Kept<const F: usize, const LEN: usize, const N: usize, const K: usize> = Replay<[[i8; F]; LEN], N, K>;

impl<T: Lesson, const F: usize, const LEN: usize, const N: usize, const K: usize> Memory<T, F, LEN, N, K> {
    /// All zeros.
    pub const ZERO: Self =
        Self { trainer: LessonTrainer::<T>::ZERO, kept: Replay::new([[0; F]; LEN]), input: [[0; F]; LEN] };
    /// The same in a cell that hands it out once: the program's whole `.bss`, in bytes.
    pub const RAM: usize = size_of::<ConstStaticCell<Self>>();
}

/// Settings of an adaptation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Fixes every random number.
    pub seed: u64,
    /// Passes over the samples that are kept and those in flash.
    pub epochs: u32,
    /// Samples per step.
    pub batch: u32,
    /// The learning rate, which stays.
    pub rate: f32,
    /// Samples that are kept from one save to the next, on a board that keeps checkpoints; 0 for none. Before and after it has learnt there is
    /// one anyway.
    pub save_every: u32,
}

impl Settings {
    /// As `host-sim personalise` has them.
    pub const DEFAULT: Self = Self { seed: 0, epochs: 20, batch: 8, rate: 2e-3, save_every: 50 };
}

/// Tells apart, keeps and learns for as long as there is something to read.
pub fn run<T, B: Board, const F: usize, const LEN: usize, const N: usize, const K: usize>(
    board: &mut B,
    memory: &mut Memory<T, F, LEN, N, K>,
    settings: Settings,
    read: impl FnMut(&mut B, &mut [[i8; F]; LEN]) -> Reading,
) -> !
where
    T: Lesson<Model: Model<Input = [[i8; F]; LEN]>, Loss: Loss<<T::Model as Model>::Output, Target = usize>>,
{
    const { assert_fits(Memory::<T, F, LEN, N, K>::RAM + STACK, B::RAM) };
    if follow(board, memory, settings, read).is_err() {
        line(board, format_args!("a setting is out of its range"));
    }
    blink(board)
}

/// The same, until it is over. Gives the CRC-32 of the weights.
///
/// # Errors
/// A setting is out of range.
pub fn follow<T, B: Board, const F: usize, const LEN: usize, const N: usize, const K: usize>(
    board: &mut B,
    memory: &mut Memory<T, F, LEN, N, K>,
    settings: Settings,
    mut read: impl FnMut(&mut B, &mut [[i8; F]; LEN]) -> Reading,
) -> Result<u32, OutOfRange>
where
    T: Lesson<Model: Model<Input = [[i8; F]; LEN]>, Loss: Loss<<T::Model as Model>::Output, Target = usize>>,
{
    let Memory { trainer, kept, input } = memory;
    introduce::<T, B, F, LEN, N, K>(board);
    let mut saver = Saver::new(board);
    let mut wearer = Wearer::<T, F, LEN, N, K>::start(board, trainer, kept, settings)?;
    wearer.resume(board, &mut saver)?;
    lesson::test::<T, B>(board, wearer.trainer).summary(board, T::TESTED);
    if wearer.is_learning() {
        wearer.learn(board, &mut saver);
    }
    loop {
        board.feed_watchdog();
        match read(board, input) {
            Reading::NotYet => {}
            Reading::Sample => T::Results::answer(board, T::NAMES, wearer.trainer.predict(input).flat()),
            Reading::Labelled(class) => wearer.keep(board, &mut saver, *input, class),
            Reading::Learn if wearer.kept.is_empty() => {
                line(board, format_args!("learning: no sample has a label yet"))
            }
            Reading::Learn => {
                wearer.begin()?;
                wearer.learn(board, &mut saver);
            }
            Reading::Over => return Ok(crc32(&wearer.trainer.weights)),
        }
    }
}

fn introduce<T: Lesson, B: Board, const F: usize, const LEN: usize, const N: usize, const K: usize>(board: &mut B) {
    let [network, name, cause] = [T::NAME, B::NAME, board.reset_cause().name()].map(Name);
    line(board, format_args!("trainlet adapt: {network} on {name}, reset: {cause}"));
    let [bytes, trainer, room] = [Memory::<T, F, LEN, N, K>::RAM, LessonTrainer::<T>::BUDGET.total, N].map(Count);
    line(board, format_args!("memory: {bytes} bytes, {trainer} of them for the trainer, and room for {room} samples"));
}

/// What the device knows of the one who wears it.
struct Wearer<'a, T: Lesson, const F: usize, const LEN: usize, const N: usize, const K: usize> {
    trainer: &'a mut LessonTrainer<T>,
    kept: &'a mut Kept<F, LEN, N, K>,
    settings: Settings,
    /// Passes since it was asked to learn; all of them where nothing is left to be done.
    epoch: u32,
    /// Samples with a label so far, kept or not.
    labelled: u32,
    /// Tells runs apart: of all settings and the first weights.
    identity: u32,
}

impl<'a, T, const F: usize, const LEN: usize, const N: usize, const K: usize> Wearer<'a, T, F, LEN, N, K>
where
    T: Lesson<Model: Model<Input = [[i8; F]; LEN]>, Loss: Loss<<T::Model as Model>::Output, Target = usize>>,
{
    fn start<B: Board>(
        board: &mut B,
        trainer: &'a mut LessonTrainer<T>,
        kept: &'a mut Kept<F, LEN, N, K>,
        settings: Settings,
    ) -> Result<Self, OutOfRange> {
        let mut wearer = Self { trainer, kept, settings, epoch: settings.epochs, labelled: 0, identity: 0 };
        wearer.restart()?;
        let (_, stack) = board.with_stack_measured(|| lesson::rehearse::<T>(wearer.trainer, (&[[0; F]; LEN], 0)));
        if let Some(bytes) = stack.map(Count) {
            line(board, format_args!("stack: at most {bytes} bytes below a call of the trainer"));
        }
        wearer.restart()?;
        Ok(wearer)
    }

    /// From the beginning, whatever has been learnt and kept.
    fn restart(&mut self) -> Result<(), OutOfRange> {
        self.trainer.init(self.config())?;
        T::start(&mut self.trainer.weights)?;
        *self.kept = Replay::new([[0; F]; LEN]);
        (self.epoch, self.labelled) = (self.settings.epochs, 0);
        Ok(())
    }

    fn config(&self) -> Config<T::Loss, AdamConfig, true> {
        let Settings { seed, rate, .. } = self.settings;
        Config::new(seed, T::LOSS, AdamConfig::adam(), Schedule::constant(rate)).clipped(CLIP)
    }

    /// Goes on where the board was switched off, if that was with these settings and first weights.
    fn resume<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>) -> Result<(), OutOfRange> {
        // The first is a constant, by which a program without a store is that much smaller.
        if B::SLOTS.count == 0 || !saver.is_there() {
            return Ok(());
        }
        let own = self.identify();
        match saver.resume(board, own, 0, &mut |archive, identity| self.persist(archive, identity)) {
            Found::Own => {
                let [save, labelled] = [saver.saves(), self.labelled].map(|count| Count(count as usize));
                line(
                    board,
                    format_args!("store: goes on after {labelled} samples with a label, where save {save} was made"),
                );
            }
            Found::Other => self.restart()?,
            Found::Nothing => {}
        }
        self.identity = own;
        Ok(())
    }

    fn identify(&mut self) -> u32 {
        checksum(&mut |archive| {
            self.trainer.persist(archive);
            archive.counts(&mut [self.settings.epochs, self.settings.batch]);
        })
    }

    fn persist(&mut self, archive: &mut Archive, identity: &mut u32) {
        archive.part("adapt");
        self.trainer.persist(archive);
        archive.count(identity);
        archive.count(&mut self.epoch);
        archive.count(&mut self.labelled);
        self.kept
            .persist(archive, |sample, archive| archive.bytes(bytemuck::cast_slice_mut(sample.as_flattened_mut())));
    }

    /// The saver counts what fails, and nothing is stopped by that.
    fn save<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>) {
        if B::SLOTS.count == 0 || !saver.is_there() {
            return;
        }
        let mut identity = self.identity;
        if saver.save(&mut |archive| self.persist(archive, &mut identity)).is_err() {
            saver.report(board);
        }
    }

    fn keep<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>, sample: [[i8; F]; LEN], class: usize) {
        let key = Key::new(self.settings.seed, Purpose::Replay);
        self.kept.offer(sample, class, key);
        self.labelled = self.labelled.saturating_add(1);
        let every = self.settings.save_every;
        if every > 0 && self.labelled.is_multiple_of(every) {
            self.save(board, saver);
        }
    }

    fn is_learning(&self) -> bool {
        self.epoch < self.settings.epochs
    }

    /// Forgets all but the weights and the samples.
    fn begin(&mut self) -> Result<(), OutOfRange> {
        self.trainer.restart(self.config())?;
        self.epoch = 0;
        Ok(())
    }

    /// The epochs that are left. A cut is no loss: the samples are saved, and it begins again.
    fn learn<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>) {
        self.save(board, saver);
        let start = board.micros();
        let [own, all] = [self.kept.len(), self.kept.len() + T::train_len() as usize].map(Count);
        let [epochs, labelled] = [self.settings.epochs, self.labelled].map(|count| Count(count as usize));
        line(
            board,
            format_args!(
                "learning: {own} of {labelled} samples with a label, {all} with those in flash, {epochs} epochs"
            ),
        );
        while self.is_learning() {
            let results = self.pass(board);
            self.epoch += 1;
            let (number, loss) = (Count(self.epoch as usize), Fixed(results.loss(), 4));
            line(board, format_args!("epoch {number}: loss {loss}"));
        }
        let micros = Count((board.micros() - start) as usize);
        line(board, format_args!("time: {micros} microseconds"));
        self.save(board, saver);
        line(board, format_args!("weights: CRC-32 {}", Hex(crc32(&self.trainer.weights))));
        lesson::test::<T, B>(board, self.trainer).summary(board, T::TESTED);
    }

    /// An epoch.
    fn pass<B: Board>(&mut self, board: &mut B) -> T::Results {
        let Self { trainer, kept, settings: Settings { seed, batch, .. }, .. } = self;
        let own = kept.len() as u32;
        let samples = own + T::train_len();
        let order = Key::new(*seed, Purpose::Order).child(u64::from(self.epoch));
        let shuffle = Shuffle::new(order, samples);
        let sample = |place| {
            let index = shuffle.index(place);
            if index < own { kept.get(index as usize) } else { T::train(index - own) }
        };
        let mut results = T::Results::ZERO;
        let batch = (*batch).max(1);
        for first in (0..samples).step_by(batch as usize) {
            let places = first..(first + batch).min(samples);
            board.set_led((first / batch).is_multiple_of(2));
            lesson::step::<T, B>(board, trainer, places, sample, &mut results);
        }
        results
    }
}
