//! What `--save` gets of what a run has learnt, where that is limited.

use trainlet::core::rng::{Key, Purpose};
use trainlet::train::Delta;

use super::{Error, read, settings};
use crate::networks::tree::Weights;
use crate::networks::{Network, weights};
use crate::run::options::Options;

/// The limit of `--delta-clip` and `--delta-noise`, and the weights of `--init` from which it counts.
pub struct Limit {
    start: Weights,
    clip: f32,
    noise: f32,
    key: Key,
}

impl Limit {
    /// What the options ask for, if anything.
    ///
    /// # Errors
    /// A file of weights that cannot be read.
    pub fn of(options: &Options, network: &Network) -> Result<Option<Self>, Error> {
        let (Some(clip), Some(path)) = (options.delta_clip, &options.init) else { return Ok(None) };
        let start = read(&weights::File::read(path)?, network)?;
        // From other weights on the noise is another, although a device keeps its seed from round to round.
        let key = Key::new(options.seed, Purpose::Delta).child(start.crc32().into());
        Ok(Some(Self { start, clip, noise: options.delta_noise.unwrap_or(0.0), key }))
    }

    /// The weights with as much of what was learnt as may be given away.
    ///
    /// # Errors
    /// A limit out of range.
    pub fn apply(&self, mut weights: Weights) -> Result<Weights, Error> {
        let mut delta = Delta::new(self.clip, self.noise, self.key).map_err(settings::Error::from)?;
        delta.measure(&weights.values, &self.start.values);
        delta.limit(&mut weights.values, &self.start.values);
        Ok(weights)
    }
}
