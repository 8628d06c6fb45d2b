//! Which samples each step of a run takes.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Shuffle;

/// The order of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Another permutation in each epoch.
    Shuffled,
    /// As they stand in the file, epoch after epoch.
    File,
    /// Sample `i` of the run is number `K i mod n`; batches run across the ends of epochs.
    Stride(u32),
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shuffled => f.write_str("shuffled"),
            Self::File => f.write_str("file"),
            Self::Stride(stride) => write!(f, "stride:{stride}"),
        }
    }
}

impl FromStr for Order {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.strip_prefix("stride:").map(str::parse)) {
            ("shuffled", _) => Ok(Self::Shuffled),
            ("file", _) => Ok(Self::File),
            (_, Some(Ok(stride))) => Ok(Self::Stride(stride)),
            _ => Err("write shuffled, file, or stride:K with a whole number K, for example stride:977"),
        }
    }
}

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A plan that is impossible.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(
        "--order stride:{stride} would never reach some of the {samples} training samples: \
         take a stride that has no divisor in common with {samples}"
    )]
    NotCoprime { stride: u32, samples: u32 },
    #[error("{epochs} epochs are more than 4,294,967,295 steps: lower --epochs or raise --batch")]
    TooManySteps { epochs: u32 },
}

/// All steps of a run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    order: Order,
    samples: u32,
    batch: u32,
    steps: u32,
    key: Key,
}

/// The samples of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The epoch in which it starts, from 0.
    pub epoch: u32,
    /// Whether an epoch ends with it.
    pub ends_epoch: bool,
    /// Places in the epoch, or in the whole run for [`Order::Stride`].
    places: Range<u64>,
}

/// How long a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// A number of passes over the data.
    Epochs(u32),
    /// A number of updates.
    Steps(u32),
}

impl Plan {
    /// For `samples` training samples in batches of `batch`, both above 0.
    ///
    /// # Errors
    /// A stride that leaves samples out, or more steps than a `u32` counts.
    pub fn new(order: Order, samples: u32, batch: u32, length: Length, seed: u64) -> Result<Self, Error> {
        if let Order::Stride(stride) = order
            && greatest_common_divisor(stride, samples) != 1
        {
            return Err(Error::NotCoprime { stride, samples });
        }
        let mut plan = Self { order, samples, batch, steps: 0, key: Key::new(seed, Purpose::Order) };
        plan.steps = match length {
            Length::Steps(steps) => steps,
            Length::Epochs(epochs) => plan.steps_of(epochs).ok_or(Error::TooManySteps { epochs })?,
        };
        Ok(plan)
    }

    /// Steps of the whole run.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Steps of a number of epochs; `None` if a `u32` cannot count them.
    pub fn steps_of(&self, epochs: u32) -> Option<u32> {
        match self.order {
            Order::Stride(_) => {
                let samples = u64::from(epochs) * u64::from(self.samples);
                samples.div_ceil(u64::from(self.batch)).try_into().ok()
            }
            Order::Shuffled | Order::File => epochs.checked_mul(self.steps_per_epoch()),
        }
    }

    /// The batch of step number `step`, from 0.
    pub fn batch(&self, step: u32) -> Batch {
        let (samples, batch) = (u64::from(self.samples), u64::from(self.batch));
        if let Order::Stride(_) = self.order {
            let start = u64::from(step) * batch;
            let end = start + batch;
            let epoch = start / samples;
            return Batch { epoch: epoch as u32, ends_epoch: end / samples > epoch, places: start..end };
        }
        let (epoch, step) = (step / self.steps_per_epoch(), step % self.steps_per_epoch());
        let start = u64::from(step) * batch;
        let end = (start + batch).min(samples);
        Batch { epoch, ends_epoch: end == samples, places: start..end }
    }

    /// The samples of a batch, as indices into the training data.
    pub fn samples(&self, batch: &Batch) -> impl ExactSizeIterator<Item = usize> + use<> {
        let Self { order, samples, .. } = *self;
        let shuffle = Shuffle::new(self.key.child(u64::from(batch.epoch)), samples);
        let places = batch.places.clone();
        // A range of u64 does not know its length.
        (0..(places.end - places.start) as usize).map(move |i| {
            let place = places.start + i as u64;
            match order {
                Order::Shuffled => shuffle.index(place as u32) as usize,
                Order::File => place as usize,
                Order::Stride(stride) => (u128::from(place) * u128::from(stride) % u128::from(samples)) as usize,
            }
        })
    }

    fn steps_per_epoch(&self) -> u32 {
        self.samples.div_ceil(self.batch)
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(order: Order, samples: u32, batch: u32, length: Length) -> Vec<(u32, bool, Vec<usize>)> {
        let plan = Plan::new(order, samples, batch, length, 7).unwrap();
        (0..plan.steps())
            .map(|step| plan.batch(step))
            .map(|batch| (batch.epoch, batch.ends_epoch, plan.samples(&batch).collect()))
            .collect()
    }

    #[test]
    fn an_epoch_in_file_order_ends_with_a_short_batch() {
        let steps = run(Order::File, 5, 2, Length::Epochs(2));
        let epoch = |epoch| [(epoch, false, vec![0, 1]), (epoch, false, vec![2, 3]), (epoch, true, vec![4])];
        assert_eq!(steps, [epoch(0), epoch(1)].concat());
    }

    #[test]
    fn each_epoch_is_shuffled_anew_and_has_every_sample_once() {
        let steps = run(Order::Shuffled, 101, 8, Length::Epochs(3));
        assert_eq!(steps.len(), 3 * 13);
        let epochs: Vec<Vec<usize>> =
            steps.chunks(13).map(|epoch| epoch.iter().flat_map(|step| step.2.clone()).collect()).collect();
        assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
        for mut epoch in epochs {
            epoch.sort_unstable();
            assert!(epoch.into_iter().eq(0..101));
        }
    }

    #[test]
    fn a_stride_runs_across_epochs() {
        let steps = run(Order::Stride(3), 5, 4, Length::Epochs(2));
        assert_eq!(steps, [(0, false, vec![0, 3, 1, 4]), (0, true, vec![2, 0, 3, 1]), (1, true, vec![4, 2, 0, 3])]);
        assert_eq!(run(Order::Stride(3), 5, 4, Length::Steps(1)).len(), 1);
    }

    #[test]
    fn plans_that_cannot_be_are_refused() {
        let plan = |order, length| Plan::new(order, 12, 1, length, 0).map(|plan| plan.steps());
        assert_eq!(plan(Order::Stride(9), Length::Steps(1)), Err(Error::NotCoprime { stride: 9, samples: 12 }));
        assert_eq!(plan(Order::Stride(0), Length::Steps(1)), Err(Error::NotCoprime { stride: 0, samples: 12 }));
        assert_eq!(plan(Order::File, Length::Epochs(u32::MAX)), Err(Error::TooManySteps { epochs: u32::MAX }));
        assert_eq!(plan(Order::Stride(7), Length::Epochs(100)), Ok(1200));
    }

    #[test]
    fn orders_are_read_as_they_are_written() {
        for order in [Order::Shuffled, Order::File, Order::Stride(977)] {
            assert_eq!(order.to_string().parse(), Ok(order));
        }
        assert!(["", "stride", "stride:", "stride:-1", "Shuffled"].iter().all(|text| text.parse::<Order>().is_err()));
    }
}
