//! No first moment.

use core::marker::PhantomData;
use core::ops::Range;

use super::{PIECE, State, overlaps};
use crate::core::archive::Archive;
use crate::core::params::flat::window_mut;
use crate::core::rng::Key;

/// Keeps the numbers that are never below 0 as `S` does, and none of the others: [`Adam<SecondOnly<S>>`](crate::optim::Adam) has no
/// moving average of the gradient, takes β₁ for 0, and needs half as much memory. [`ScheduleFree`](crate::optim::ScheduleFree)
/// averages in its place.
#[derive(Clone, Copy, Debug)]
pub struct SecondOnly<S>(PhantomData<S>);

impl<S: State> State for SecondOnly<S> {
    const NAME: &'static str = S::NAME;
    type NonNegative = S::NonNegative;
    const ZERO: Self = Self(PhantomData);
    const CAPACITY: usize = S::NonNegative::CAPACITY;
    const KEPT: bool = false;

    fn clear(&mut self) {}

    fn persist(&mut self, _: usize, _: &mut Archive) {}

    /// Hands out zeros, whatever became of them the last time.
    fn edit(&mut self, places: Range<usize>, _: Key, work: &mut dyn FnMut(Range<usize>, &mut [f32])) {
        for overlap in overlaps(places) {
            let mut zeros = [0.0; PIECE];
            let length = overlap.places.len();
            work(overlap.places, window_mut(&mut zeros, 0, length));
        }
    }
}
