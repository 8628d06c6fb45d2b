//! A Lanczos run in progress.

use super::lanczos::{Lanczos, LanczosConfig};
use super::ritz::Spectrum;
use crate::core::count::next;
use crate::core::params::flat::window;
use crate::core::rng::{Key, Purpose};
use crate::core::setting::{OutOfRange, Settings};
use crate::core::tensor::Tensor;
use crate::kernels::arch::fill;
use crate::nn::layer::{Dropout, StochasticDepth};
use crate::nn::loss::{InvalidTarget, Loss};
use crate::nn::net::Model;
use crate::nn::pass::Pass;
use crate::optim::Optimizer;
use crate::train::{Memory, Trainer};

/// A run of [`Lanczos`] at the weights of a trainer, which it borrows. Between the calls, and afterwards, the weights are
/// bit-identical to what they were.
pub struct Probe<'a, M: Model, L: Loss<M::Output>, V: Tensor> {
    lanczos: &'a mut Lanczos<V>,
    weights: &'a mut M,
    difference: &'a mut [f32],
    activations: &'a mut [f32],
    loss: &'a L,
    samples: u32,
}

impl<'a, M: Model, L: Loss<M::Output>, V: Tensor> Probe<'a, M, L, V> {
    /// Begins to look for the eigenvalues of the loss's Hessian at the weights of the trainer. The samples since its last step,
    /// or its staged weights, are forgotten.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn new<O: Optimizer, A: Tensor>(
        trainer: &'a mut Trainer<M, L, O, A>,
        lanczos: &'a mut Lanczos<V>,
        config: LanczosConfig,
    ) -> Result<Self, OutOfRange> {
        const { assert!(V::LEN == M::TRAINABLE, "the vectors have another length: write `Lanczos<[f32; Net::TRAINABLE]>`") };
        config.check()?;
        trainer.zero_grad();
        let Memory { weights, gradient: difference, activations, loss } = trainer.memory();
        lanczos.begin(weights, config);
        Ok(Self { lanczos, weights, difference, activations, loss, samples: 0 })
    }

    /// Whether another product is needed: [`add`](Self::add) of each sample of the batch, the same ones in the same order each
    /// time, then [`finish_product`](Self::finish_product).
    pub fn needs_product(&self) -> bool {
        self.lanczos.needs_product()
    }

    /// Adds a sample to the product: its gradient on both sides of the weights, two forward and two backward passes. `weight` is
    /// its part of the loss: 1 / (number of samples).
    ///
    /// # Errors
    /// [`InvalidTarget`]; the sample then has no part in the product.
    #[inline(never)]
    pub fn add(&mut self, input: &M::Input, target: &L::Target, weight: f32) -> Result<(), InvalidTarget> {
        // The first side fails before it has added anything, and the second has the same target.
        let radius = self.lanczos.radius;
        let added =
            self.add_side(radius, input, target, weight).and_then(|()| self.add_side(-radius, input, target, -weight));
        self.move_weights(|home, _| home);
        if added.is_ok() {
            self.samples = next(self.samples);
        }
        added
    }

    fn add_side(
        &mut self,
        distance: f32,
        input: &M::Input,
        target: &L::Target,
        weight: f32,
    ) -> Result<(), InvalidTarget> {
        self.move_weights(|home, direction| home + distance * direction);
        // Nothing is dropped, but a model that draws by itself draws the same on both sides and in every product.
        let key = Key::new(0, Purpose::Mask).child(u64::from(self.samples));
        let pass = Pass::new(Dropout { p: 0.0 }, StochasticDepth { p: 0.0 }, M::COST.depth as u32, key);
        let (mut output, mut doutput) = (M::Output::ZERO, M::Output::ZERO);
        self.weights.forward(input, &mut output, self.activations, &pass);
        self.loss.evaluate(&output, target, &mut doutput)?;
        for d in doutput.flat_mut() {
            *d *= weight;
        }
        self.weights.backward(self.difference, input, &doutput, self.activations, &pass);
        Ok(())
    }

    /// Sets each weight to a function of its home and the direction.
    fn move_weights(&mut self, place: impl Fn(f32, f32) -> f32) {
        let (home, direction) = (self.lanczos.home.flat(), self.lanczos.direction.flat());
        self.weights.walk_trained(&mut |_, weights, first| {
            let [home, direction] = [home, direction].map(|vector| window(vector, first, weights.len()));
            for ((weight, home), direction) in weights.iter_mut().zip(home).zip(direction) {
                *weight = place(*home, *direction);
            }
        });
    }

    /// Makes a step of the product of the samples since the last one.
    #[inline(never)]
    pub fn finish_product(&mut self) {
        if self.samples > 0 {
            self.lanczos.advance(self.difference);
        }
        fill(self.difference, 0.0);
        self.samples = 0;
    }

    /// What the steps so far have found.
    pub fn spectrum(&self) -> Spectrum {
        self.lanczos.spectrum()
    }
}

/// The trainer finds its gradient empty.
impl<M: Model, L: Loss<M::Output>, V: Tensor> Drop for Probe<'_, M, L, V> {
    fn drop(&mut self) {
        fill(self.difference, 0.0);
    }
}
