//! Networks for windows of recordings.

use super::shape::{Inputs, Mix, Shape, Tokens};
use super::{Kind, Problem, tables};

/// Channels.
const CHANNELS: [usize; 9] = [6, 8, 12, 16, 20, 24, 28, 32, 40];

/// What is tried on windows of `frames` frames with `features` channels.
pub fn kinds(problem: &Problem, (frames, features): (usize, usize)) -> Vec<Kind> {
    let outputs = problem.outputs();
    let tokens = |patch, mix, blocks, sizes| {
        let shape = |channels| {
            let tokens = Tokens { positions: frames, features, patch, channels, flat: false };
            Shape::Tokens { mix, tokens, blocks, outputs }
        };
        Kind { shapes: CHANNELS.map(shape).into(), sizes }
    };
    let mut kinds = vec![];
    let mut add = |mix, patch, blocks, sizes| kinds.push(tokens(patch, mix, blocks, sizes));
    // About 16 tokens.
    let patch = frames.div_ceil(16).max(1);
    add(Mix::Mixer, patch, 2, 2);
    add(Mix::Mixer, patch, 1, 2);
    add(Mix::Mixer, patch, 3, 1);
    add(Mix::ConvNext, patch, 2, 2);
    add(Mix::ConvNext, patch, 1, 1);
    add(Mix::Separable, patch, 2, 2);
    if frames.div_ceil(patch) >= 4 {
        add(Mix::Pyramid, patch, 1, 2);
        add(Mix::Mixer, 2 * patch, 2, 1);
    }
    let perceptrons = |inputs| tables::perceptrons(inputs, outputs).into_iter().skip(2);
    kinds.extend(perceptrons(Inputs::All(problem.inputs)).map(|kind| Kind { sizes: 1, ..kind }));
    // How strongly and how fast a signal varies says no single frame, and little a patch.
    let statistics = Inputs::Statistics { frames, features };
    kinds.push(Kind { shapes: vec![Shape::Linear { inputs: statistics, outputs }], sizes: 1 });
    kinds.extend(perceptrons(statistics).skip(1).map(|kind| Kind { sizes: 1, ..kind }));
    kinds.push(tables::pieces(statistics, outputs, 1));
    kinds
}
