//! What a trial is, and how it goes.

use trainlet::core::budget::Budget;
use trainlet::core::checksum::crc32_with;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::nn::net::Model;
use trainlet::train::{Learner, observe_samples, train_step};

use crate::learner::Zeroed;
use crate::samples::{BATCH, make_up};

/// A trial: its name, what learns in it, and how that starts.
pub trait Trial: 'static {
    /// As it is written on a command line.
    const NAME: &'static str;
    /// The network that is trained.
    type Model: Model<Input: Tensor> + 'static;
    /// What trains it.
    type Learner: Learner<Input: Tensor, Target: Sized> + Zeroed + 'static;
    /// What is looked at beside the training.
    type Beside: Beside<Self::Learner>;
    /// Number of classes of the samples.
    const CLASSES: u32;
    /// After this number of samples the first comes again.
    const SAMPLES: u32;
    /// Samples that share a step when the network is trained in earnest.
    const USUAL_BATCH: u32 = 32;

    /// Starts a run of this number of steps, with dropout and stochastic depth or without.
    ///
    /// # Errors
    /// A setting is out of range.
    fn start(learner: &mut Self::Learner, steps: u32, random: bool) -> Result<(), OutOfRange>;

    /// The target that stands for a class.
    fn target(learner: &Self::Learner, class: usize) -> <Self::Learner as Learner>::Target;

    /// Makes all steps with everything random switched on.
    ///
    /// # Errors
    /// A setting is out of range.
    fn rehearse(state: &mut TrialState<Self>, steps: u32) -> Result<(), OutOfRange>
    where
        Self: Sized,
    {
        state.start(steps, true)?;
        state.steps(steps);
        Ok(())
    }
}

/// What a trial looks at after each step.
pub trait Beside<L: Learner> {
    /// All zeros.
    const ZERO: Self;

    /// Forgets what was found.
    fn restart(&mut self);

    /// Looks at the learner and the samples of the step.
    fn look<'a>(&mut self, learner: &mut L, samples: impl Samples<'a, L>)
    where
        L::Input: 'a,
        L::Target: 'a;

    /// A CRC-32 in place of that of the weights.
    fn crc32(&self) -> Option<u32>;
}

/// Samples with their targets.
pub trait Samples<'a, L: Learner<Input: 'a, Target: 'a>>:
    ExactSizeIterator<Item = (&'a L::Input, &'a L::Target)> + Clone
{
}

impl<'a, L: Learner<Input: 'a, Target: 'a>, S: ExactSizeIterator<Item = (&'a L::Input, &'a L::Target)> + Clone>
    Samples<'a, L> for S
{
}

/// Nothing is looked at.
impl<L: Learner> Beside<L> for () {
    const ZERO: Self = ();

    fn restart(&mut self) {}

    fn look<'a>(&mut self, _: &mut L, _: impl Samples<'a, L>)
    where
        L::Input: 'a,
        L::Target: 'a,
    {
    }

    fn crc32(&self) -> Option<u32> {
        None
    }
}

/// All memory of a trial: the learner, what is looked at, and the samples of a step.
pub struct TrialState<T: Trial> {
    pub(crate) learner: T::Learner,
    beside: T::Beside,
    inputs: [<T::Learner as Learner>::Input; BATCH],
    /// Steps since the start.
    step: u32,
}

impl<T: Trial> TrialState<T> {
    /// All zeros.
    pub const ZERO: Self = Self {
        learner: T::Learner::ZERO,
        beside: T::Beside::ZERO,
        inputs: [const { <T::Learner as Learner>::Input::ZERO }; BATCH],
        step: 0,
    };
    /// RAM of the learner by role.
    pub const BUDGET: Budget = T::Learner::BUDGET;
    /// Bytes of the learner and of what is looked at.
    pub const BYTES: usize = (Self::BUDGET.total + size_of::<T::Beside>()).next_multiple_of(align_of::<T::Learner>());

    /// Starts a run of this number of steps.
    pub(crate) fn start(&mut self, steps: u32, random: bool) -> Result<(), OutOfRange> {
        T::start(&mut self.learner, steps, random)?;
        self.beside.restart();
        self.restart_samples();
        Ok(())
    }

    /// Begins again with the first sample.
    pub(crate) fn restart_samples(&mut self) {
        self.step = 0;
    }

    /// Makes this number of steps.
    pub(crate) fn steps(&mut self, steps: u32) {
        for _ in 0..steps {
            let first = self.step * BATCH as u32;
            self.make_up(first);
            self.step_of(first, BATCH);
        }
    }

    /// Makes up the samples of a step, from number `first` on.
    pub(crate) fn make_up(&mut self, first: u32) {
        for (index, input) in self.inputs.iter_mut().enumerate() {
            make_up(input.flat_mut(), Self::number(first, index));
        }
    }

    fn number(first: u32, index: usize) -> u32 {
        first.wrapping_add(index as u32) % T::SAMPLES
    }

    /// Makes a step of `count` of the samples that were made up from number `first` on.
    pub(crate) fn step_of(&mut self, first: u32, count: usize) {
        let Self { learner, beside, inputs, step } = self;
        let class = |index| (Self::number(first, index) % T::CLASSES) as usize;
        let targets: [_; BATCH] = core::array::from_fn(|index| T::target(learner, class(index)));
        let samples = inputs.iter().zip(&targets).take(count);
        let stepped = train_step(learner, samples.clone());
        debug_assert!(stepped.is_ok(), "every sample has a class that the loss knows");
        *step += 1;
        if *step % 4 == 1 {
            let observed = observe_samples(learner, samples.clone());
            debug_assert!(observed.is_ok(), "the learner is between two steps");
        }
        beside.look(learner, samples);
    }

    /// Makes all steps of a rehearsal and gives the CRC-32 of the weights.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn rehearse(&mut self, steps: u32) -> Result<u32, OutOfRange> {
        T::rehearse(self, steps)?;
        let Self { learner, beside, .. } = self;
        Ok(beside.crc32().unwrap_or_else(|| {
            crc32_with(|add| {
                let read = learner.weights(&mut |_, values| add(values));
                debug_assert!(read.is_ok(), "the weights are in memory");
            })
        }))
    }
}

/// Something to do with each trial.
pub trait VisitTrial {
    /// Does it.
    fn visit<T: Trial>(&mut self);
}
