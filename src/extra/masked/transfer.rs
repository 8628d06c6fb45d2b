//! Weights that two models have in common: those at the beginning of the walk.

use crate::core::params::Params;

/// Copies the first weights of a model, as many as there is room for.
pub fn read_shared<P: Params>(model: &P, room: &mut [f32]) {
    let mut room = room.iter_mut();
    model.read(&mut |_, values| {
        for (value, room) in values.iter().zip(&mut room) {
            *room = *value;
        }
    });
}

/// Replaces the first weights of a model.
pub fn write_shared<P: Params>(model: &mut P, shared: &[f32]) {
    let mut shared = shared.iter();
    model.walk(&mut |_, values| {
        for (value, shared) in values.iter_mut().zip(&mut shared) {
            *value = *shared;
        }
    });
}
