//! Training windows as they might have been measured, anew in each epoch.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use trainlet::core::setting::{OutOfRange, Settings as _};
use trainlet::data::{Augmentation, augmentation_key};

use super::settings::Error;
use crate::data::Dataset;
use crate::data::preprocessing::Prepared;

/// A change of training windows, as `--augment` names it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    kind: Kind,
    /// How far it goes, if not as far as is usual.
    strength: Option<f32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rotate,
    Speed,
    Scale,
    Jitter,
}

impl Kind {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Rotate, "rotate"), (Self::Speed, "speed"), (Self::Scale, "scale"), (Self::Jitter, "jitter")];

    /// The number that says how far it goes.
    fn strength(self, of: &mut Augmentation) -> &mut f32 {
        match self {
            Self::Rotate => &mut of.rotate,
            Self::Speed => &mut of.speed,
            Self::Scale => &mut of.scale,
            Self::Jitter => &mut of.jitter,
        }
    }
}

/// All changes with their usual strengths.
pub fn usual() -> Vec<Change> {
    Kind::ALL.map(|(kind, _)| Change { kind, strength: None }).into()
}

impl Change {
    /// Noise of the usual strength.
    pub const JITTER: Self = Self { kind: Kind::Jitter, strength: None };
}

impl FromStr for Change {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, strength) = text.split_once('=').map_or((text, None), |(name, strength)| (name, Some(strength)));
        let kind = Kind::ALL.into_iter().find(|(_, known)| *known == name).map(|(kind, _)| kind);
        let kind = kind.ok_or("write rotate, speed, scale or jitter, with =NUMBER for another strength")?;
        let strength = strength.map(|text| text.parse().map_err(|_| format!("`{text}` is no number"))).transpose()?;
        Ok(Self { kind, strength })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Kind::ALL.into_iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        match self.strength {
            Some(strength) => write!(f, "{name}={strength}"),
            None => f.write_str(name),
        }
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// These changes together.
///
/// # Errors
/// A strength that is out of its range.
pub fn augmentation(changes: &[Change]) -> Result<Augmentation, OutOfRange> {
    let (mut usual, mut all) = (Augmentation::SENSOR, Augmentation::NONE);
    for Change { kind, strength } in changes {
        *kind.strength(&mut all) = strength.unwrap_or(*kind.strength(&mut usual));
    }
    all.check()?;
    Ok(all)
}

/// Changes samples of one data set.
#[derive(Clone, Debug)]
pub struct Augment {
    augmentation: Augmentation,
    mean: Vec<f32>,
    deviation: Vec<f32>,
    frames: usize,
    seed: u64,
}

impl Augment {
    /// For the training samples; `None` without changes.
    ///
    /// # Errors
    /// A strength out of its range, and changes that are for windows of a sensor with three axes where the samples are none.
    pub fn of(changes: &[Change], prepared: &Prepared, seed: u64) -> Result<Option<Self>, Error> {
        if changes.is_empty() {
            return Ok(None);
        }
        let augmentation = augmentation(changes)?;
        let Dataset { width, frames, .. } = prepared.train;
        let features = width / frames;
        let scales = prepared.preparation.scales();
        let physical = scales.len() == features;
        let refused = [
            (
                "--augment speed",
                augmentation.speed > 1.0 && frames == 1,
                "windows of a sensor (--data watch or --window)",
            ),
            (
                "--augment rotate",
                augmentation.rotate > 0.0 && !(frames > 1 && physical && features.is_multiple_of(3)),
                "windows of a sensor whose columns of numbers come in threes, the axes x, y and z",
            ),
        ];
        if let Some((option, _, owner)) = refused.into_iter().find(|(_, refused, _)| *refused) {
            return Err(Error::Without { option, owner });
        }
        let (mean, deviation) = if physical {
            scales.into_iter().map(|(_, mean, deviation)| (mean, deviation)).unzip()
        } else {
            (vec![0.0; features], vec![1.0; features])
        };
        Ok(Some(Self { augmentation, mean, deviation, frames, seed }))
    }

    /// The row as sample number `sample` of a step sees it; on a board `trainlet::data::Augmented` draws the same.
    pub fn variant(&self, row: &[f32], step: u32, sample: u32) -> Vec<f32> {
        let (mut variant, mut column) = (row.to_vec(), vec![0.0; self.frames]);
        let key = augmentation_key(self.seed, step, sample);
        self.augmentation.apply(&mut variant, &self.mean, &self.deviation, &mut column, key);
        variant
    }
}

/// The row as it is learnt from.
pub fn variant<'a>(augment: Option<&Augment>, row: &'a [f32], step: u32, sample: u32) -> Cow<'a, [f32]> {
    augment.map_or(Cow::Borrowed(row), |augment| Cow::Owned(augment.variant(row, step, sample)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_as_they_are_written() {
        for text in ["rotate", "speed=1.2", "jitter=0.05"] {
            assert_eq!(text.parse::<Change>().unwrap().to_string(), text);
        }
        assert!("turn".parse::<Change>().unwrap_err().contains("rotate, speed"));
        assert!("scale=much".parse::<Change>().is_err());
        assert_eq!(augmentation(&usual()), Ok(Augmentation::SENSOR));
        let two = ["scale".parse().unwrap(), "speed=1.1".parse().unwrap()];
        assert_eq!(augmentation(&two), Ok(Augmentation { speed: 1.1, scale: 0.15, ..Augmentation::NONE }));
        assert!(augmentation(&["speed=0.5".parse().unwrap()]).is_err());
    }
}
