//! What the integration tests share: deterministic numbers, a gradient by central differences.

// Every test file uses another part of this.
#![allow(dead_code)]

pub mod modes;

use trainlet::core::params::{Params, Role};
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::net::Model;
use trainlet::nn::pass::Pass;

/// The deterministic fixture of the reference numbers: value number i is `a sin(0.9 (i + 1) + s)`.
pub fn fixture(values: &mut [f32], s: f64, a: f64) {
    for (i, value) in values.iter_mut().enumerate() {
        *value = (a * (0.9 * (i + 1) as f64 + s).sin()) as f32;
    }
}

/// A tensor filled by [`fixture`].
pub fn tensor<T: Tensor>(s: f64, a: f64) -> T {
    let mut tensor = T::ZERO;
    fixture(tensor.flat_mut(), s, a);
    tensor
}

/// Parameters that exercise everything: each leaf by [`fixture`] with its own phase, normalisation weights around 1.
pub fn parameters<M: Params>(amplitude: f64) -> Box<M> {
    let mut model = Box::new(M::ZERO);
    let mut phase = 0.3;
    model.walk(&mut |leaf, values| {
        fixture(values, phase, amplitude);
        if leaf.role == Role::Norm && leaf.path.to_string().ends_with("weight") {
            values.iter_mut().for_each(|value| *value += 1.0);
        }
        phase += 0.7;
    });
    model
}

/// A pass of sample number `sample` of a network of `depth` blocks.
pub fn pass(dropout: f32, stochastic_depth: f32, depth: usize, sample: u64) -> Pass<'static> {
    let key = Key::new(9, Purpose::Mask).child(sample);
    Pass::new(Dropout { p: dropout }, StochasticDepth { p: stochastic_depth }, depth as u32, key)
}

/// All values of a tree, with the name of their leaf.
pub fn flat<M: Params>(model: &M) -> Vec<(String, f32)> {
    let mut all = Vec::new();
    model.read(&mut |leaf, values| all.extend(values.iter().map(|&value| (leaf.path.to_string(), value))));
    all
}

/// A gradient with the names of the leaves that its values belong to.
pub fn named<M: Params>(model: &M, gradient: &[f32]) -> Vec<(String, f32)> {
    let mut names = Vec::new();
    model.read(&mut |leaf, values| {
        if leaf.trained {
            names.extend(values.iter().map(|_| leaf.path.to_string()));
        }
    });
    assert_eq!(names.len(), gradient.len());
    names.into_iter().zip(gradient.iter().copied()).collect()
}

/// The gradient of `Σ outputs · weights_of_outputs` by the model's own backward pass.
pub fn analytic<M: Model>(model: &M, input: &M::Input, doutput: &M::Output, pass: &Pass) -> Vec<f32> {
    let (mut output, mut grad) = (M::Output::ZERO, vec![0.0; M::TRAINABLE]);
    let mut arena = vec![0.0; M::ACTIVATIONS];
    model.forward(input, &mut output, &mut arena, pass);
    model.backward(&mut grad, input, doutput, &mut arena, pass);
    grad
}

/// Compares every entry of the gradient with central differences of fourth order of the forward pass in the same
/// random masks.
///
/// f32 allows a step of about 1e-2 and then three to four digits relative to the size of the gradient.
pub fn check_gradient<M: Model<Input: Tensor>>(input: &M::Input, dropout: f32, stochastic_depth: f32) {
    check_gradient_of(&mut *parameters::<M>(0.5), input, dropout, stochastic_depth);
}

/// The same of a model with these parameters.
pub fn check_gradient_of<M: Model>(model: &mut M, input: &M::Input, dropout: f32, stochastic_depth: f32) {
    let doutput: M::Output = tensor(0.6, 1.0);
    let pass = pass(dropout, stochastic_depth, M::COST.depth, 0);
    let gradient = analytic(model, input, &doutput, &pass);
    let mut arena = vec![0.0; M::ACTIVATIONS];
    check_differences(model, &gradient, |model| {
        let mut output = M::Output::ZERO;
        model.forward(input, &mut output, &mut arena, &pass);
        let products = output.flat().iter().zip(doutput.flat());
        products.map(|(y, d)| f64::from(*y) * f64::from(*d)).sum::<f64>()
    });
}

/// Compares a gradient with the differences of any value of a model.
pub fn check_differences<M: Params>(model: &mut M, gradient: &[f32], mut value: impl FnMut(&M) -> f64) {
    let gradient = named(model, gradient);
    let scale = (gradient.iter().map(|(_, g)| g * g).sum::<f32>() / gradient.len() as f32).sqrt();
    assert!(scale > 0.0 && scale.is_finite());
    for (index, (name, expected)) in gradient.iter().enumerate() {
        let step = 1.0 / 128.0;
        let mut value_at = |offset: f32| {
            nudge(model, index, offset);
            let value = value(model);
            nudge(model, index, -offset);
            value
        };
        let (near, far) = (value_at(step) - value_at(-step), value_at(2.0 * step) - value_at(-2.0 * step));
        let difference = ((8.0 * near - far) / f64::from(12.0 * step)) as f32;
        let error = (difference - expected).abs();
        assert!(
            error < 3e-3 * (scale + expected.abs()),
            "{name} (value {index}): {expected} but differences say {difference}"
        );
    }
}

/// Changes value number `index` of those that are trained.
fn nudge<M: Params>(model: &mut M, index: usize, offset: f32) {
    model.walk_trained(&mut |_, values, first| {
        if let Some(value) = index.checked_sub(first).and_then(|i| values.get_mut(i)) {
            *value += offset;
        }
    });
}
