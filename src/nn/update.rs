//! Weights that change while the backward pass goes on, so that no gradient of the whole model need be kept.

use crate::core::params::{Leaf, Params};

/// What an update does with a leaf: its values, the place of the first among all that are trained, and their gradient.
pub type Apply<'a> = &'a mut dyn FnMut(&Leaf, &mut [f32], usize, &[f32]);

/// Takes the gradient of one unit (a stem, a residual branch, a head) after the other, from the last of the model to the
/// first, and changes its weights at once.
pub struct InPlaceUpdate<'a> {
    gradient: &'a mut [f32],
    /// One past the last value of the next unit.
    end: usize,
    apply: Apply<'a>,
}

impl<'a> InPlaceUpdate<'a> {
    /// `gradient` has room for the largest unit of a model of which `trained` values are trained.
    pub fn new(gradient: &'a mut [f32], trained: usize, apply: Apply<'a>) -> Self {
        Self { gradient, end: trained, apply }
    }

    /// The next unit: `backward` adds its gradient to zeros and needs its old weights no longer after that.
    pub fn unit<P: Params>(&mut self, unit: &mut P, backward: impl FnOnce(&P, &mut [f32])) {
        let place = self.reserve::<P>();
        self.unit_at(place, unit, backward);
    }

    /// Passes over a unit whose gradient is complete only later; [`unit_at`](Self::unit_at) takes the place.
    pub fn reserve<P: Params>(&mut self) -> Place {
        self.end -= P::TRAINABLE;
        Place(self.end)
    }

    /// Passes over the last values, which belong to no unit.
    pub fn skip(&mut self, count: usize) {
        self.end -= count;
    }

    /// The unit that a place was reserved for.
    pub fn unit_at<P: Params>(&mut self, place: Place, unit: &mut P, backward: impl FnOnce(&P, &mut [f32])) {
        let Self { gradient, apply, .. } = self;
        let Some(gradient) = gradient.get_mut(..P::TRAINABLE) else { return };
        gradient.fill(0.0);
        backward(unit, gradient);
        unit.walk_trained(&mut |leaf, weights, first| {
            if let Some(gradient) = gradient.get(first..first + weights.len()) {
                apply(leaf, weights, place.0 + first, gradient);
            }
        });
    }
}

/// Where the values of a unit begin among all that are trained.
pub struct Place(usize);
