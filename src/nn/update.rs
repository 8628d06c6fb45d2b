//! Weights that change during the backward pass, so that no gradient of the whole model need be kept.

use crate::core::layout::front;
use crate::core::params::{Leaf, Params};

/// What an update does with a leaf: its values, the place of the first among all that are trained, and their gradient.
pub type Apply<'a> = &'a mut dyn FnMut(&Leaf, &mut [f32], usize, &[f32]);

/// An update in place: takes the gradient of one part (a stem, a residual branch, a head) after the other, from the last of the
/// model to the first, and changes its weights at once.
pub struct InPlaceUpdate<'a> {
    gradient: &'a mut [f32],
    /// One past the last value of the next part.
    end: usize,
    apply: Apply<'a>,
}

impl<'a> InPlaceUpdate<'a> {
    /// `gradient` has room for the largest part ([`Cost::max_grad`](crate::core::size::Cost::max_grad)) of a model of which
    /// `trained` values are trained.
    pub fn new(gradient: &'a mut [f32], trained: usize, apply: Apply<'a>) -> Self {
        Self { gradient, end: trained, apply }
    }

    /// Updates the next part: `backward` adds its gradient to zeros, and nothing needs its old weights after that.
    pub fn apply<P: Params>(&mut self, part: &mut P, backward: impl FnOnce(&P, &mut [f32])) {
        let place = self.reserve::<P>();
        self.apply_at(place, part, backward);
    }

    /// Passes over a part whose gradient is complete only later; [`apply_at`](Self::apply_at) takes the place.
    pub fn reserve<P: Params>(&mut self) -> Place {
        self.end -= P::TRAINABLE;
        Place(self.end)
    }

    /// Passes over the last values, which belong to no part.
    pub fn skip(&mut self, count: usize) {
        self.end -= count;
    }

    /// Updates the part that a place was reserved for.
    pub fn apply_at<P: Params>(&mut self, place: Place, part: &mut P, backward: impl FnOnce(&P, &mut [f32])) {
        let Self { gradient, apply, .. } = self;
        let gradient = front(gradient, P::TRAINABLE);
        gradient.fill(0.0);
        backward(part, gradient);
        part.walk_trained(&mut |leaf, weights, first| {
            if let Some(gradient) = gradient.get(first..first + weights.len()) {
                apply(leaf, weights, place.0 + first, gradient);
            }
        });
    }
}

/// Where the values of a part begin among all that are trained.
pub struct Place(usize);
