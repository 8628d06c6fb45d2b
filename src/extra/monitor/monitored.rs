//! An optimiser that is monitored.

use core::cell::Cell;

use super::health::{Health, Thresholds};
use super::leaf::LeafRecord;
use super::saturation::{Counter, count, most_saturated};
use crate::core::archive::Archive;
use crate::core::params::flat::{window, window_mut};
use crate::core::params::{Leaf, Params};
use crate::core::setting::Settings;
use crate::core::tensor::Tensor;
use crate::kernels::arch::{copy, sqrt};
use crate::nn::loss::Loss;
use crate::nn::net::Model;
use crate::optim::cuts::{PIECE, pieces};
use crate::optim::{Optimizer, Step, grad_norm};
use crate::train::{Online, Trainer};

/// An optimiser whose updates are monitored, for up to `LEAVES` leaves at 24 bytes each. Its results are bit-identical to those of
/// the optimiser alone, except with noise, which is then drawn for each 32 weights. Leaves beyond that number are not monitored:
/// [`unmonitored`](Self::unmonitored) counts them.
///
/// With a `GELUS` of more than 0 it also counts saturated GELUs in the forward passes of training, for the first `GELUS` layers of
/// them at 12 bytes each.
pub struct Monitored<O, const LEAVES: usize, const GELUS: usize = 0> {
    optimizer: O,
    thresholds: Thresholds,
    leaves: [LeafRecord; LEAVES],
    counters: [Cell<Counter>; GELUS],
    unmonitored: u32,
    /// Leaves of this update that have no room.
    beyond: u32,
    updates: u32,
    epoch: u32,
    loss: f32,
    /// Nothing is monitored.
    off: bool,
}

/// Hyper-parameters of [`Monitored`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MonitoredConfig<C> {
    /// Those of the optimiser.
    pub optimizer: C,
    /// Where verdicts begin; `None` monitors nothing.
    pub thresholds: Option<Thresholds>,
}

impl<C> MonitoredConfig<C> {
    /// An optimiser that is monitored.
    pub const fn new(optimizer: C, thresholds: Thresholds) -> Self {
        Self { optimizer, thresholds: Some(thresholds) }
    }
}

impl<C: Settings> Settings for MonitoredConfig<C> {
    fn visit(&mut self, archive: &mut Archive) {
        self.optimizer.visit(archive);
        archive.option(&mut self.thresholds, Thresholds::ZERO, Settings::visit);
    }
}

impl<O: Optimizer, const LEAVES: usize, const GELUS: usize> Monitored<O, LEAVES, GELUS> {
    /// Number of leaves that there was no room for.
    pub fn unmonitored(&self) -> usize {
        self.unmonitored as usize
    }

    fn end_epoch<M: Params>(&mut self, loss: f32, weights: &M) -> Health {
        let before = (self.epoch > 0).then_some(self.loss);
        self.epoch = self.epoch.saturating_add(1);
        let judged = self.thresholds.judge(self.epoch, loss, before, &self.leaves);
        let saturation = most_saturated(&self.counters, weights);
        let health = Health { saturation, ..judged };
        let is_first = self.epoch == 1;
        self.leaves.iter_mut().for_each(|leaf| leaf.end_epoch(is_first));
        self.clear_counters();
        self.loss = loss;
        health
    }

    fn clear_counters(&mut self) {
        self.counters.iter_mut().for_each(|counter| counter.set(Counter::ZERO));
    }

    fn take(&mut self, leaf: &Leaf, first: usize, movement: f32, gradient: &[f32]) {
        let is_its = |record: &&mut LeafRecord| !record.is_taken() || record.first == first as u32;
        match self.leaves.iter_mut().find(is_its) {
            None => self.count_unmonitored(),
            Some(record) => {
                if !record.is_taken() {
                    *record = LeafRecord::of(leaf, first);
                }
                let rms = grad_norm(gradient) / sqrt(gradient.len() as f32);
                // A head that starts at zero lets nothing through in the first step.
                if self.updates > 1 || rms != 0.0 {
                    record.take(movement, rms);
                }
            }
        }
    }

    fn count_unmonitored(&mut self) {
        self.beyond += 1;
        self.unmonitored = self.unmonitored.max(self.beyond);
    }
}

/// Updates a leaf piece by piece, and returns the largest change of a weight, and whether every weight took part.
fn update_by_pieces<O: Optimizer>(
    optimizer: &mut O,
    leaf: &Leaf,
    weights: &mut [f32],
    first: usize,
    gradient: &[f32],
    step: &Step,
) -> (f32, bool) {
    let (mut largest, mut all) = (0.0_f32, true);
    for piece in pieces(first, weights.len(), optimizer.in_blocks()) {
        let (start, count) = (piece.start, piece.len());
        let piece = window_mut(weights, start, count);
        let mut before = [0.0; PIECE];
        copy(window_mut(&mut before, 0, count), piece);
        all &= optimizer.update(leaf, piece, first + start, window(gradient, start, count), step);
        for (after, before) in piece.iter().zip(before) {
            largest = largest.max((after - before).abs());
        }
    }
    (largest, all)
}

impl<O: Optimizer, const LEAVES: usize, const GELUS: usize> Optimizer for Monitored<O, LEAVES, GELUS> {
    type Config = MonitoredConfig<O::Config>;

    const ZERO: Self = Self {
        optimizer: {
            assert!(
                !O::WHOLE_LEAVES,
                "the optimiser needs whole leaves, and the monitor gives it pieces: monitor another one"
            );
            O::ZERO
        },
        thresholds: Thresholds::ZERO,
        leaves: [LeafRecord::ZERO; LEAVES],
        counters: [const { Cell::new(Counter::ZERO) }; GELUS],
        unmonitored: 0,
        beyond: 0,
        updates: 0,
        epoch: 0,
        loss: 0.0,
        off: false,
    };
    const CAPACITY: usize = O::CAPACITY;
    const COPY_BYTES: usize = O::COPY_BYTES;
    const IN_BLOCKS: bool = O::IN_BLOCKS;
    const RECORDS: bool = GELUS > 0;

    fn init(&mut self, config: Self::Config) {
        self.optimizer.init(config.optimizer);
        self.off = config.thresholds.is_none();
        self.thresholds = config.thresholds.unwrap_or(Thresholds::ZERO);
        self.leaves = [LeafRecord::ZERO; LEAVES];
        self.clear_counters();
        (self.unmonitored, self.beyond, self.updates, self.epoch, self.loss) = (0, 0, 0, 0, 0.0);
    }

    /// Without thresholds nothing is kept but the optimiser: the bytes are those of a run without a monitor. Such a run is read by a
    /// trainer that was started without thresholds too.
    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        self.optimizer.persist(trained, archive);
        if self.off {
            return;
        }
        archive.part("monitor");
        self.thresholds.visit(archive);
        self.leaves.iter_mut().for_each(|leaf| leaf.persist(archive));
        self.counters.iter_mut().for_each(|counter| counter.get_mut().persist(archive));
        [&mut self.unmonitored, &mut self.beyond, &mut self.updates, &mut self.epoch]
            .into_iter()
            .for_each(|count| archive.count(count));
        archive.any(core::slice::from_mut(&mut self.loss));
    }

    fn begin(&mut self, step: &Step) {
        self.updates = self.updates.saturating_add(1);
        self.beyond = 0;
        self.optimizer.begin(step);
    }

    #[inline(never)]
    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        if self.off {
            return self.optimizer.update(leaf, weights, first, gradient, step);
        }
        let (movement, all) = update_by_pieces(&mut self.optimizer, leaf, weights, first, gradient, step);
        if step.lr > 0.0 {
            self.take(leaf, first, movement / step.lr, gradient);
        }
        all
    }

    fn average(&mut self) -> Option<&mut [f32]> {
        self.optimizer.average()
    }

    fn record(&self, bias: &[f32], inputs: &[f32], flat_below: f32) {
        if !self.off {
            count(&self.counters, bias, inputs, flat_below);
        }
    }

    fn skip<M: Params>(&mut self, weights: &mut M, gradient: &[f32]) {
        self.optimizer.skip(weights, gradient);
        if !self.off {
            self.beyond = 0;
            weights.walk_trained(&mut |leaf, weights, first| {
                self.take(leaf, first, 0.0, window(gradient, first, weights.len()));
            });
        }
    }
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, const LEAVES: usize, const GELUS: usize, A: Tensor>
    Trainer<M, L, Monitored<O, LEAVES, GELUS>, A>
{
    /// Gives the verdict on an epoch with this mean loss, and begins the next one.
    pub fn end_epoch(&mut self, loss: f32) -> Health {
        self.optimizer.end_epoch(loss, &self.weights)
    }

    /// Number of leaves that the monitor has no room for.
    pub fn unmonitored(&self) -> usize {
        self.optimizer.unmonitored()
    }
}

impl<M: Model, L: Loss<M::Output>, O: Optimizer, const LEAVES: usize, const GELUS: usize, A: Tensor>
    Online<M, L, Monitored<O, LEAVES, GELUS>, A>
{
    /// Gives the verdict on an epoch with this mean loss, and begins the next one.
    pub fn end_epoch(&mut self, loss: f32) -> Health {
        self.optimizer.end_epoch(loss, &self.weights)
    }

    /// Number of leaves that the monitor has no room for.
    pub fn unmonitored(&self) -> usize {
        self.optimizer.unmonitored()
    }
}
