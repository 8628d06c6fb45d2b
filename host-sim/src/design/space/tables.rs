//! Networks for the rows of a table.

use super::shape::{Inputs, Mix, Shape, Tokens};
use super::{Kind, Problem};

/// Hidden units of the first layer of a perceptron.
const HIDDEN: [usize; 12] = [8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128];
/// Channels.
const CHANNELS: [usize; 10] = [4, 8, 12, 16, 20, 24, 28, 32, 40, 48];

/// What is tried on rows.
pub fn kinds(problem: &Problem) -> Vec<Kind> {
    let (inputs, outputs) = (problem.inputs, problem.outputs());
    let all = Inputs::All(inputs);
    let mut kinds = vec![Kind { shapes: vec![Shape::Linear { inputs: all, outputs }], sizes: 1 }];
    kinds.extend(perceptrons(all, outputs));
    kinds.push(pieces(all, outputs, 2));
    kinds.extend([(1, 2), (2, 1)].map(|(blocks, sizes)| residual(all, outputs, blocks, sizes)));
    // About eight tokens; rows that are shorter have nothing to mix.
    if inputs >= 6 {
        kinds.push(patches(inputs, outputs, inputs.div_ceil(8), Mix::Mixer, 1));
    }
    if inputs >= 16 {
        kinds.push(patches(inputs, outputs, inputs.div_ceil(16), Mix::ConvNext, 1));
    }
    kinds
}

/// Perceptrons with ReLU and GELU, whose second layer is as wide as the first or half as wide.
pub fn perceptrons(inputs: Inputs, outputs: usize) -> [Kind; 4] {
    [(false, 1, 4), (false, 2, 3), (true, 1, 3), (true, 2, 4)].map(|(smooth, part, sizes)| {
        let shape = |first: usize| Shape::Perceptron { inputs, first, second: (first / part).max(8), outputs, smooth };
        Kind { shapes: HIDDEN.map(shape).into(), sizes }
    })
}

/// Perceptrons on piecewise-linear functions.
pub fn pieces(inputs: Inputs, outputs: usize, sizes: usize) -> Kind {
    Kind { shapes: HIDDEN.map(|hidden| Shape::Pieces { inputs, hidden, outputs }).into(), sizes }
}

/// Perceptrons of residual blocks.
fn residual(inputs: Inputs, outputs: usize, blocks: usize, sizes: usize) -> Kind {
    let shape = |channels| Shape::Residual { inputs, channels, hidden: 2 * channels, blocks, outputs };
    Kind { shapes: CHANNELS.map(shape).into(), sizes }
}

fn patches(inputs: usize, outputs: usize, patch: usize, mix: Mix, blocks: usize) -> Kind {
    let shape = |channels| {
        let tokens = Tokens { positions: inputs, features: 1, patch, channels, flat: true };
        Shape::Tokens { mix, tokens, blocks, outputs }
    };
    Kind { shapes: CHANNELS.map(shape).into(), sizes: 1 }
}
