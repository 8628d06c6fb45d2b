//! Windows of a sensor as they might have been measured: the sensor turned, the movement faster or slower, stronger or weaker, with
//! noise. A network that sees other variants in each epoch is better on people and devices it has never seen.

mod stem;

pub use stem::Augmented;

use crate::core::archive::Archive;
use crate::core::rng::{Key, Purpose, Stream};
use crate::core::setting::{Setting, Settings};
use crate::core::standardise::standardise;
use crate::kernels::rows::rows_mut;

/// How far windows are changed, each anew whenever it is learnt from. The window is `[positions][features]`, standardised.
///
/// The changes are made in the order of the fields, in place, with random numbers of a [`Key`]: no variant is stored anywhere.
///
/// ```
/// use trainlet::data::{Augmentation, Scaler, augmentation_key};
///
/// let scaler = Scaler { mean: [0.0, 0.0, 1.0], std: [0.2; 3] };
/// let mut window = [[0.5, -1.0, 0.1]; 16];
/// let key = augmentation_key(42, 0, 0);
/// Augmentation::SENSOR.apply(window.as_flattened_mut(), &scaler.mean, &scaler.std, &mut [0.0; 16], key);
/// assert!(window != [[0.5, -1.0, 0.1]; 16]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Augmentation {
    /// Each three features that follow each other are the axes of a sensor, and all of them are turned by the same random rotation: the
    /// deviation of its components, in radians, 0 to 1. Features that are left over stay.
    pub rotate: f32,
    /// The window is stretched or squeezed in time by a random factor of up to this, 1 or more, as often faster as slower. Where that
    /// leaves the window its first or last position stays.
    pub speed: f32,
    /// Each feature is multiplied by a factor of its own about 1: its deviation, 0 to 1.
    pub scale: f32,
    /// Each value gets noise: its deviation, in deviations of the feature.
    pub jitter: f32,
}

impl Settings for Augmentation {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Rotation, &mut self.rotate);
        archive.setting(Setting::Speed, &mut self.speed);
        archive.setting(Setting::Gain, &mut self.scale);
        archive.setting(Setting::Jitter, &mut self.jitter);
    }
}

/// The random numbers with which [`Augmented`] changes sample number `sample` of step number `step` in a trainer with this seed.
pub fn augmentation_key(seed: u64, step: u32, sample: u32) -> Key {
    let pass = Key::new(seed, Purpose::Mask).child(u64::from(step)).child(u64::from(sample));
    // A network hands its stem the first child of the pass.
    stem::key(pass.child(0))
}

impl Augmentation {
    /// All-zero bits, before anything is set.
    const ZERO: Self = Self { rotate: 0.0, speed: 0.0, scale: 0.0, jitter: 0.0 };
    /// Windows stay as they are.
    pub const NONE: Self = Self { rotate: 0.0, speed: 1.0, scale: 0.0, jitter: 0.0 };
    /// What suits a sensor of movement that is worn: chosen on people who are neither trained nor tested on (docs/people.md).
    pub const SENSOR: Self = Self { rotate: 0.1, speed: 1.3, scale: 0.15, jitter: 0.1 };

    /// Changes a window `[positions][features]` that was standardised by `mean` and `std`, one of each per feature. `column` is
    /// scratch for a value per position; if it is shorter, the speed stays.
    #[inline(never)]
    pub fn apply(&self, window: &mut [f32], mean: &[f32], std: &[f32], column: &mut [f32], key: Key) {
        let features = mean.len();
        let draw = |change| key.child(change).stream();
        if self.rotate > 0.0 {
            rotate(window, mean, std, self.rotation(&mut draw(0)));
        }
        if self.speed > 1.0 {
            let warp = self.warp(&mut draw(1));
            (0..features).for_each(|feature| resample(window, features, feature, column, warp));
        }
        if self.scale > 0.0 {
            let mut stream = draw(2);
            for feature in 0..features {
                let factor = 1.0 + self.scale * stream.normal();
                rows_mut(window, features).filter_map(|row| row.get_mut(feature)).for_each(|x| *x *= factor);
            }
        }
        if self.jitter > 0.0 {
            let mut stream = draw(3);
            window.iter_mut().for_each(|x| *x += self.jitter * stream.normal());
        }
    }

    /// Half the rotation vector.
    fn rotation(&self, stream: &mut Stream) -> [f32; 3] {
        core::array::from_fn(|_| 0.5 * self.rotate * stream.normal())
    }

    /// A factor on the speed, and where between its two ends the window begins, 0 to 1.
    fn warp(&self, stream: &mut Stream) -> [f32; 2] {
        let faster = 1.0 + (self.speed - 1.0) * stream.uniform();
        [if stream.bits() & 1 == 0 { faster } else { 1.0 / faster }, stream.uniform()]
    }
}

/// Turns the axes in physical units: three features that follow each other, by one rotation.
fn rotate(window: &mut [f32], mean: &[f32], std: &[f32], half: [f32; 3]) {
    let factor = 2.0 / (1.0 + half[0] * half[0] + half[1] * half[1] + half[2] * half[2]);
    for row in rows_mut(window, mean.len()) {
        let scales = mean.as_chunks().0.iter().zip(std.as_chunks().0);
        for (axes, (mean, std)) in row.as_chunks_mut().0.iter_mut().zip(scales) {
            let x = physical(axes, mean, std);
            let once = cross(half, x);
            let twice = cross(half, once);
            for ((((axis, x), (once, twice)), mean), std) in
                axes.iter_mut().zip(x).zip(once.into_iter().zip(twice)).zip(mean).zip(std)
            {
                *axis = standardise(x + factor * (once + twice), *mean, *std);
            }
        }
    }
}

fn physical(x: &[f32; 3], mean: &[f32; 3], std: &[f32; 3]) -> [f32; 3] {
    let mut physical = *mean;
    for ((physical, x), std) in physical.iter_mut().zip(x).zip(std) {
        *physical += x * std;
    }
    physical
}

fn cross([a, b, c]: [f32; 3], [x, y, z]: [f32; 3]) -> [f32; 3] {
    [b * z - c * y, c * x - a * z, a * y - b * x]
}

/// A feature at other times, by lines between neighbours.
fn resample(window: &mut [f32], features: usize, feature: usize, column: &mut [f32], [speed, place]: [f32; 2]) {
    let positions = window.len() / features.max(1);
    let Some(column) = column.get_mut(..positions) else { return };
    for (copy, row) in column.iter_mut().zip(rows_mut(window, features)) {
        *copy = row.get(feature).copied().unwrap_or_default();
    }
    let last = positions.saturating_sub(1) as f32;
    // Of a slower movement a part fills the window; a faster one leaves room beside it.
    let start = place * last * (1.0 - speed);
    for (position, row) in rows_mut(window, features).enumerate() {
        if let Some(x) = row.get_mut(feature) {
            *x = between(column, (start + speed * position as f32).max(0.0).min(last));
        }
    }
}

fn between(column: &[f32], time: f32) -> f32 {
    let before = time as usize;
    let at = |position| column.get(position).copied();
    let from = at(before).unwrap_or_default();
    let to = at(before + 1).unwrap_or(from);
    from + (time - before as f32) * (to - from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const L: usize = 11;
    const F: usize = 7;
    type Window = [[f32; F]; L];
    const MEAN: [f32; F] = [0.3, -1.0, 0.0, 2.0, 0.1, -0.2, 5.0];
    const STD: [f32; F] = [0.5, 2.0, 1.0, 0.25, 3.0, 1.5, 0.0];

    fn window() -> Window {
        core::array::from_fn(|l| core::array::from_fn(|f| libm::sinf(0.7 * l as f32 + 1.3 * f as f32)))
    }

    fn changed(augmentation: Augmentation, sample: u32) -> Window {
        let mut window = window();
        augmentation.apply(window.as_flattened_mut(), &MEAN, &STD, &mut [0.0; L], augmentation_key(5, 3, sample));
        window
    }

    /// In physical units.
    fn lengths(window: &Window) -> Vec<f32> {
        let length = |row: &[f32; F], first: usize| {
            (first..first + 3).map(|f| MEAN[f] + STD[f] * row[f]).map(|x| x * x).sum::<f32>()
        };
        window.iter().flat_map(|row| [length(row, 0), length(row, 3)]).collect()
    }

    #[test]
    fn a_rotation_keeps_lengths_and_turns_all_triples_alike() {
        let rotated = changed(Augmentation { rotate: 0.3, ..Augmentation::NONE }, 0);
        assert_ne!(rotated, window());
        for (a, b) in lengths(&rotated).iter().zip(lengths(&window())) {
            assert!((a - b).abs() < 1e-4 * b.max(1.0), "{a} {b}");
        }
        assert!(rotated.iter().zip(window()).all(|(a, b)| a[6] == b[6]), "what is left over stays");
        // Angles between the triples stay as well, if both are turned by the same rotation.
        let angle = |row: &[f32; F]| {
            (0..3).map(|f| (MEAN[f] + STD[f] * row[f]) * (MEAN[f + 3] + STD[f + 3] * row[f + 3])).sum::<f32>()
        };
        for (a, b) in rotated.iter().zip(&window()) {
            assert!((angle(a) - angle(b)).abs() < 1e-4);
        }
    }

    /// Rodrigues' formula in double precision, for the vector (0.2, -0.4, 0.6).
    #[test]
    fn a_rotation_is_that_of_its_vector() {
        let vector = [0.2_f64, -0.4, 0.6];
        // The quaternion (1, h) turns by twice the arc tangent of the length of h.
        let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        let angle = 2.0 * libm::atan(length / 2.0);
        let [k, x] = [vector.map(|v| v / length), [1.0, 2.0, -0.5]];
        let cross = |a: [f64; 3], b: [f64; 3]| {
            [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
        };
        let dot: f64 = k.iter().zip(x).map(|(k, x)| k * x).sum();
        let mut window = [1.0_f32, 2.0, -0.5];
        rotate(&mut window, &[0.0; 3], &[1.0; 3], vector.map(|v| v as f32 / 2.0));
        for i in 0..3 {
            let expected =
                x[i] * libm::cos(angle) + cross(k, x)[i] * libm::sin(angle) + k[i] * dot * (1.0 - libm::cos(angle));
            assert!((f64::from(window[i]) - expected).abs() < 1e-6, "{} {expected}", window[i]);
        }
    }

    #[test]
    fn a_line_in_time_stays_one_of_another_slope() {
        let line = || -> Window { core::array::from_fn(|l| [l as f32; F]) };
        let mut speeds = Vec::new();
        for sample in 0..200 {
            let mut window = line();
            let key = augmentation_key(1, 0, sample);
            Augmentation { speed: 1.5, ..Augmentation::NONE }.apply(
                window.as_flattened_mut(),
                &MEAN,
                &STD,
                &mut [0.0; L],
                key,
            );
            let values: Vec<f32> = window.iter().map(|row| row[4]).collect();
            assert!(values.iter().all(|x| (0.0..=10.0).contains(x)) && values.is_sorted(), "{values:?}");
            speeds.push(values[6] - values[5]);
        }
        let faster = speeds.iter().filter(|speed| **speed > 1.0).count();
        assert!((70..130).contains(&faster), "{faster} of 200 are faster");
        assert!(speeds.iter().all(|speed| (0.66..1.51).contains(speed)));
    }

    #[test]
    fn factors_and_noise_have_their_deviations() {
        let (mut factors, mut noise) = (Vec::new(), Vec::new());
        for sample in 0..400 {
            let scaled = changed(Augmentation { scale: 0.15, ..Augmentation::NONE }, sample);
            for f in 0..F {
                let factor = scaled[4][f] / window()[4][f];
                let is_scaled = |(a, b): (&[f32; F], [f32; F])| (a[f] - factor * b[f]).abs() < 1e-5;
                assert!(scaled.iter().zip(window()).all(is_scaled), "one per feature");
                factors.push(factor - 1.0);
            }
            let noisy = changed(Augmentation { jitter: 0.1, ..Augmentation::NONE }, sample);
            noise.extend(noisy.as_flattened().iter().zip(window().as_flattened()).map(|(a, b)| a - b));
        }
        for (values, deviation) in [(factors, 0.15), (noise, 0.1)] {
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            let square = values.iter().map(|x| x * x).sum::<f32>() / values.len() as f32;
            assert!(mean.abs() < 0.1 * deviation && (square.sqrt() / deviation - 1.0).abs() < 0.05, "{mean} {square}");
        }
    }

    #[test]
    fn the_same_key_gives_the_same_variant() {
        let all = Augmentation::SENSOR;
        assert_eq!(changed(all, 1), changed(all, 1));
        assert_ne!(changed(all, 1), changed(all, 2));
        assert_eq!(changed(Augmentation::NONE, 1), window());
        assert_eq!(changed(Augmentation::ZERO, 1), window());
        // Odd sizes: nothing, one position, too few features for a rotation, too little scratch.
        all.apply(&mut [], &[], &[], &mut [], augmentation_key(0, 0, 0));
        let mut one = [1.0, 2.0];
        all.apply(&mut one, &[0.0; 2], &[1.0; 2], &mut [], augmentation_key(0, 0, 0));
        assert!(one.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        assert!(Augmentation::SENSOR.check().is_ok() && Augmentation::NONE.check().is_ok());
        for bad in [
            Augmentation { rotate: -0.1, ..Augmentation::NONE },
            Augmentation { speed: 0.9, ..Augmentation::NONE },
            Augmentation { scale: 1.5, ..Augmentation::NONE },
            Augmentation { jitter: f32::NAN, ..Augmentation::NONE },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
