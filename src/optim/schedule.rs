//! Learning rate as a function of the number of updates.

use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};
use crate::kernels::cosine::half_cosine;

/// A learning rate that first rises and then follows a shape. The last step of the warm-up is the first of the shape,
/// so that the full rate is reached once.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Schedule {
    /// The full learning rate, above 0.
    pub lr: f32,
    /// Steps over which the rate rises in equal parts, from `lr / warmup` in the very first to `lr`; 0 and 1 both
    /// mean none.
    pub warmup: u32,
    /// What follows.
    pub shape: LrShape,
}

/// The learning rate after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LrShape {
    /// Stays.
    Constant,
    /// Falls along half a cosine (SGDR without restarts; Loshchilov and Hutter, 2017) and stays down, where PyTorch's
    /// `CosineAnnealingLR` would rise again.
    Cosine {
        /// Rate at the end, at least 0.
        min: f32,
        /// Steps from the full rate to `min`.
        steps: u32,
    },
    /// Falls along half a cosine and starts again from the full rate, over and over (SGDR).
    Restarts {
        /// Steps of the first cycle; 0 counts as 1.
        first: u32,
        /// How many times as long as the one before each further cycle is; 0 counts as 1.
        multiply: u32,
        /// Rate that a cycle falls towards, at least 0.
        min: f32,
    },
}

impl Settings for Schedule {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Rate, &mut self.lr);
        archive.count(&mut self.warmup);
        let shapes = [
            LrShape::Constant,
            LrShape::Cosine { min: 0.0, steps: 0 },
            LrShape::Restarts { first: 0, multiply: 0, min: 0.0 },
        ];
        archive.choice(&mut self.shape, &shapes, |shape, archive| match shape {
            LrShape::Constant => {}
            LrShape::Cosine { min, steps } => {
                archive.setting(Setting::LeastRate, min);
                archive.count(steps);
            }
            LrShape::Restarts { first, multiply, min } => {
                archive.setting(Setting::LeastRate, min);
                archive.count(first);
                archive.count(multiply);
            }
        });
    }
}

impl Schedule {
    /// The same with every rate times `factor`.
    pub const fn scaled(self, factor: f32) -> Self {
        let shape = match self.shape {
            LrShape::Constant => LrShape::Constant,
            LrShape::Cosine { min, steps } => LrShape::Cosine { min: min * factor, steps },
            LrShape::Restarts { first, multiply, min } => LrShape::Restarts { first, multiply, min: min * factor },
        };
        Self { lr: self.lr * factor, warmup: self.warmup, shape }
    }

    /// The same rate at every step.
    pub const fn constant(lr: f32) -> Self {
        Self { lr, warmup: 0, shape: LrShape::Constant }
    }

    /// Warm-up, then a cosine that would reach 0 at step `total`, the first after a run of `total` steps.
    pub const fn cosine(lr: f32, warmup: u32, total: u32) -> Self {
        let steps = total.saturating_sub(peak(warmup));
        Self { lr, warmup, shape: LrShape::Cosine { min: 0.0, steps } }
    }

    /// Warm-up, then a cosine that ends after `fraction` (0 to 1) of a run of `total` steps and leaves the rest
    /// to the rate `min`.
    pub const fn sharp_cosine(lr: f32, warmup: u32, total: u32, fraction: f32, min: f32) -> Self {
        let steps = (fraction * total as f32 + 0.5) as u32;
        Self { lr, warmup, shape: LrShape::Cosine { min, steps } }
    }

    /// Learning rate of step number `step`, from 0.
    pub fn lr(&self, step: u32) -> f32 {
        let peak = peak(self.warmup);
        if step < peak {
            return self.lr * ((step + 1) as f32 / self.warmup as f32);
        }
        let position = step - peak;
        match self.shape {
            LrShape::Constant => self.lr,
            LrShape::Cosine { min, steps } => self.fall(position, steps, min),
            LrShape::Restarts { first, multiply, min } => {
                let (position, length) = in_cycle(position, first, multiply);
                self.fall(position, length, min)
            }
        }
    }

    fn fall(&self, position: u32, steps: u32, min: f32) -> f32 {
        if position >= steps {
            return min;
        }
        let share = half_cosine(position as f32 / steps as f32);
        share * self.lr + (1.0 - share) * min
    }
}

/// The last step of the warm-up.
const fn peak(warmup: u32) -> u32 {
    warmup.saturating_sub(1)
}

/// Position in the current cycle and the length of that cycle. Counts in integers: a logarithm rounds below the
/// cycle's number at some restarts, and takes the first step of a cycle for the end of the one before.
fn in_cycle(position: u32, first: u32, multiply: u32) -> (u32, u32) {
    let mut length = first.max(1);
    if multiply <= 1 {
        return (position % length, length);
    }
    let mut position = position;
    while position >= length {
        position -= length;
        length = length.saturating_mul(multiply);
    }
    (position, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_schedule_has_every_rate_scaled() {
        let shapes = [
            LrShape::Constant,
            LrShape::Cosine { min: 0.25, steps: 7 },
            LrShape::Restarts { first: 3, multiply: 2, min: 0.25 },
        ];
        for shape in shapes {
            let schedule = Schedule { lr: 1.0, warmup: 3, shape };
            for step in 0..20 {
                assert_eq!(schedule.scaled(0.5).lr(step), 0.5 * schedule.lr(step), "{shape:?} {step}");
            }
        }
    }

    fn assert_rates(schedule: Schedule, expected: &[f32], tolerance: f32) {
        for (step, expected) in expected.iter().enumerate() {
            let lr = schedule.lr(step as u32);
            assert!((lr - expected).abs() <= tolerance, "step {step}: {lr} instead of {expected}");
        }
    }

    #[test]
    fn cosine_is_pytorchs_and_stays_at_the_end() {
        let schedule = Schedule::cosine(1e-3, 0, 10);
        let expected = [
            1e-3, 9.75528e-4, 9.04508e-4, 7.93893e-4, 6.54508e-4, 5e-4, 3.45492e-4, 2.06107e-4, 9.5492e-5, 2.4472e-5,
            0.0, 0.0,
        ];
        assert_rates(schedule, &expected, 1e-9);
        assert_eq!(schedule.lr(u32::MAX), 0.0);
    }

    #[test]
    fn warm_up_peaks_once_and_the_cosine_ends_where_the_run_does() {
        let schedule = Schedule::cosine(1e-3, 4, 20);
        assert_rates(schedule, &[0.25e-3, 0.5e-3, 0.75e-3, 1e-3], 1e-10);
        assert_eq!((0..100).filter(|&step| schedule.lr(step) == 1e-3).count(), 1);
        assert!(schedule.lr(19) > 0.0);
        assert_eq!(schedule.lr(20), 0.0);
    }

    #[test]
    fn sharp_cosine_spends_most_of_the_run_at_the_minimum() {
        let schedule = Schedule::sharp_cosine(0.1, 2, 100, 0.15, 1e-6);
        let expected = [
            0.05,
            0.1,
            0.098_907_4,
            0.095_677_3,
            0.090_450_9,
            0.083_456_7,
            0.075_000_3,
            0.065_451_2,
            0.055_226_9,
            0.044_774_1,
            0.034_549_8,
            0.025_000_8,
            0.016_544_3,
            0.009_550_1,
            0.004_323_7,
            0.001_093_6,
            1e-6,
        ];
        assert_rates(schedule, &expected, 1e-7);
        assert!((16..100).all(|step| schedule.lr(step) == 1e-6));
    }

    #[test]
    fn restarts_double_their_cycles() {
        let schedule = Schedule { lr: 1.0, warmup: 0, shape: LrShape::Restarts { first: 4, multiply: 2, min: 0.0 } };
        let expected = [1.0, 0.8536, 0.5, 0.1464, 1.0, 0.9619, 0.8536, 0.6913, 0.5, 0.3087, 0.1464, 0.0381, 1.0];
        assert_rates(schedule, &expected, 5e-5);
    }

    #[test]
    fn every_restart_begins_at_the_full_rate() {
        for (first, multiply) in [(1, 3), (7, 3), (1, 10), (4, 10), (5, 1), (5, 0), (0, 2), (0, 0)] {
            let schedule = Schedule { lr: 0.3, warmup: 3, shape: LrShape::Restarts { first, multiply, min: 0.0 } };
            let (mut start, mut length) = (2_u64, u64::from(first.max(1)));
            for cycle in 0..8 {
                assert_eq!(schedule.lr(start as u32), 0.3, "cycle {cycle} of {first}, {multiply}");
                if length > 1 {
                    assert!(
                        schedule.lr((start + length - 1) as u32) < 0.16,
                        "end of cycle {cycle} of {first}, {multiply}"
                    );
                }
                start += length;
                length *= u64::from(multiply.max(1));
            }
        }
    }

    #[test]
    fn any_fields_and_any_step_give_a_rate_between_the_bounds() {
        let counts = [0, 1, 2, 3, 1000, u32::MAX - 1, u32::MAX];
        for a in counts {
            for b in counts {
                for warmup in counts {
                    let min = 0.25;
                    for shape in [
                        LrShape::Constant,
                        LrShape::Cosine { min, steps: a },
                        LrShape::Restarts { first: a, multiply: b, min },
                    ] {
                        let schedule = Schedule { lr: 1.0, warmup, shape };
                        for step in counts {
                            let lr = schedule.lr(step);
                            let least = if step < warmup { 0.0 } else { min };
                            assert!((least..=1.0).contains(&lr), "{schedule:?} at {step}: {lr}");
                        }
                    }
                }
            }
        }
    }
}
