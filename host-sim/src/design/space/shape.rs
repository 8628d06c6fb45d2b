//! Networks by their measures: the types as text, and about how much RAM they take.

use super::{Problem, Proposal};

/// A network by its measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Linear in the inputs.
    Linear {
        /// Inputs.
        inputs: Inputs,
        /// Outputs.
        outputs: usize,
    },
    /// Inputs, hidden, hidden, outputs.
    Perceptron {
        /// Inputs.
        inputs: Inputs,
        /// First hidden layer.
        first: usize,
        /// Second hidden layer.
        second: usize,
        /// Outputs.
        outputs: usize,
        /// With GELU instead of ReLU.
        smooth: bool,
    },
    /// Piecewise-linear functions of each input, then hidden, hidden, outputs.
    Pieces {
        /// Inputs.
        inputs: Inputs,
        /// Width of both hidden layers.
        hidden: usize,
        /// Outputs.
        outputs: usize,
    },
    /// A linear layer, then residual blocks of a normalisation and a perceptron.
    Residual {
        /// Inputs.
        inputs: Inputs,
        /// Width of the stream.
        channels: usize,
        /// Hidden units of a block.
        hidden: usize,
        /// Blocks.
        blocks: usize,
        /// Outputs.
        outputs: usize,
    },
    /// Tokens that blocks mix.
    Tokens {
        /// How the blocks mix them.
        mix: Mix,
        /// How many there are and of what.
        tokens: Tokens,
        /// Blocks.
        blocks: usize,
        /// Outputs.
        outputs: usize,
    },
}

/// What a network without patches sees of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inputs {
    /// All of its numbers.
    All(usize),
    /// Statistics of the features of a window.
    Statistics {
        /// Its frames.
        frames: usize,
        /// Features of each.
        features: usize,
    },
}

/// Patches of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tokens {
    /// Positions of a sample.
    pub positions: usize,
    /// Features of each.
    pub features: usize,
    /// Positions of a patch.
    pub patch: usize,
    /// Channels of a token.
    pub channels: usize,
    /// Whether the head tells tokens apart; otherwise it takes their mean.
    pub flat: bool,
}

/// How blocks mix tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mix {
    /// Mixer blocks.
    Mixer,
    /// ConvNeXt blocks.
    ConvNext,
    /// Depthwise-separable convolutions.
    Separable,
    /// ConvNeXt blocks, half of them on half the tokens with more channels.
    Pyramid,
}

/// Taps of a convolution.
const TAPS: usize = 5;
/// Pieces of a piecewise-linear function, and functions of each input.
const BINS: usize = 8;
const VALUES: usize = 2;
/// Statistics of a feature.
const STATISTICS: usize = 6;

impl Inputs {
    fn count(self) -> usize {
        match self {
            Self::All(count) => count,
            Self::Statistics { features, .. } => STATISTICS * features,
        }
    }

    /// The stem that gives them to a stem of as many inputs.
    fn stem(self, behind: &str) -> String {
        match self {
            Self::All(_) => behind.into(),
            Self::Statistics { frames, features } => format!("Statistics<{behind}, {frames}, {features}>"),
        }
    }

    /// What the names of networks begin with.
    fn prefix(self) -> &'static str {
        match self {
            Self::All(_) => "",
            Self::Statistics { .. } => "stats-",
        }
    }

    /// What the descriptions of networks end with.
    fn about(self) -> &'static str {
        match self {
            Self::All(_) => "",
            Self::Statistics { .. } => ", on statistics of the window",
        }
    }
}

impl Tokens {
    fn count(&self) -> usize {
        self.positions.div_ceil(self.patch)
    }
}

impl Shape {
    /// About the bytes of a trainer with Adam that keeps as little as it can.
    pub fn bytes(&self) -> usize {
        4 * (4 * self.parameters() + self.activations())
    }

    fn parameters(&self) -> usize {
        match *self {
            Self::Linear { inputs, outputs } => (inputs.count() + 1) * outputs + (outputs + 1) * outputs,
            Self::Perceptron { inputs, first, second, outputs, .. } => {
                (inputs.count() + 1) * first + (first + 1) * second + (second + 1) * outputs
            }
            Self::Pieces { inputs, hidden, outputs } => {
                let inputs = inputs.count();
                inputs * (BINS + 1) * VALUES + (inputs * VALUES + 1 + hidden + 1) * hidden + (hidden + 1) * outputs
            }
            Self::Residual { inputs, channels, hidden, blocks, outputs } => {
                (inputs.count() + 1) * channels
                    + blocks * (2 * channels + (channels + 1) * hidden + (hidden + 1) * channels)
                    + (channels + 3) * outputs
            }
            Self::Tokens { mix, tokens, blocks, outputs } => {
                let Tokens { features, patch, channels: c, flat, .. } = tokens;
                let (n, hidden) = (tokens.count(), 2 * c);
                let block = match mix {
                    Mix::Mixer => 4 * c + 2 * n * token_units(n) + token_units(n) + n + (2 * c + 1) * hidden + c,
                    Mix::ConvNext => (TAPS + 5) * c + (2 * c + 1) * hidden,
                    Mix::Separable => (2 * c + TAPS + 7) * hidden + 4 * c,
                    // Half of the blocks are on 5/3 of the channels.
                    Mix::Pyramid => 2 * ((TAPS + 5) * c + (2 * c + 1) * hidden),
                };
                let down = if mix == Mix::Pyramid { 2 * c * wider(c) + 3 * c } else { 0 };
                let read = if flat { n * c } else { c };
                (features * patch + 1) * c + blocks * block + down + 2 * c + (read + 1) * outputs
            }
        }
    }

    fn activations(&self) -> usize {
        match *self {
            Self::Linear { inputs: _, outputs } => 4 * outputs,
            Self::Perceptron { first, second, .. } => 2 * (first + second),
            Self::Pieces { inputs, hidden, .. } => 2 * inputs.count() * VALUES + 4 * hidden,
            Self::Residual { channels, hidden, blocks, .. } => blocks * (2 * channels + hidden) + 6 * channels,
            Self::Tokens { mix, tokens, blocks, .. } => {
                let stream = tokens.count() * tokens.channels;
                match mix {
                    Mix::Mixer => (2 + 2 * blocks) * stream,
                    Mix::ConvNext => (2 + 5 * blocks) * stream,
                    Mix::Separable => (4 + 7 * blocks) * stream,
                    Mix::Pyramid => (3 + 9 * blocks) * stream,
                }
            }
        }
    }

    /// The network as text.
    pub fn proposal(&self, problem: &Problem) -> Proposal {
        let of = |inputs: Inputs, name: String, about: String, width: usize, stem: String, rest: String| Proposal {
            name: format!("{}{name}", inputs.prefix()),
            about: about + inputs.about(),
            keep: format!("Net<1, {width}, {}, {rest}>", inputs.stem(&stem)),
            variants: Vec::new(),
        };
        match *self {
            Self::Linear { inputs, outputs } => of(
                inputs,
                "linear".into(),
                "linear in its inputs, by way of as many numbers as there are outputs".into(),
                outputs,
                patch(inputs, outputs),
                format!("(), DenseHead<{outputs}, {outputs}>"),
            ),
            Self::Perceptron { inputs, first, second, outputs, smooth } => {
                let (name, activation) = if smooth { ("-gelu", "Gelu") } else { ("", "Relu") };
                of(
                    inputs,
                    format!("mlp-{first}-{second}{name}"),
                    format!("perceptron with {first} and {second} hidden units, {activation}"),
                    second,
                    format!("DenseStem<{}, {first}, {second}, {activation}>", inputs.count()),
                    format!("(), DenseHead<{second}, {outputs}>"),
                )
            }
            Self::Pieces { inputs, hidden, outputs } => of(
                inputs,
                format!("pieces-{hidden}-{hidden}"),
                format!(
                    "perceptron with {hidden} and {hidden} hidden units, on {VALUES} piecewise-linear functions of each input"
                ),
                hidden,
                format!(
                    "Piecewise<DenseStem<{}, {hidden}, {hidden}>, {}, {BINS}, {VALUES}>",
                    VALUES * inputs.count(),
                    inputs.count()
                ),
                format!("(), DenseHead<{hidden}, {outputs}>"),
            ),
            Self::Residual { inputs, channels, hidden, blocks, outputs } => of(
                inputs,
                format!("residual-{channels}x{blocks}"),
                format!(
                    "perceptron of {channels} channels with {} of {hidden} hidden units",
                    count(blocks, "residual block")
                ),
                channels,
                patch(inputs, channels),
                format!(
                    "[PreNormResidual<ChannelMixing<{channels}, {hidden}>, {channels}>; {blocks}], MeanHead<{channels}, {outputs}>"
                ),
            ),
            Self::Tokens { mix, tokens, blocks, outputs } => tokens.proposal(mix, blocks, outputs, problem),
        }
    }
}

impl Tokens {
    fn proposal(&self, mix: Mix, blocks: usize, outputs: usize, problem: &Problem) -> Proposal {
        let Self { positions, features, patch, channels: c, flat } = *self;
        let (n, h) = (self.count(), 2 * self.channels);
        let stem = format!("PatchEmbedding<{positions}, {features}, {patch}, {c}>");
        let head = if flat { format!("FlatHead<{n}, {c}, {outputs}>") } else { format!("MeanHead<{c}, {outputs}>") };
        let net = |block: String| format!("Net<{n}, {c}, {stem}, [{block}; {blocks}], {head}>");
        let mixer = |keep: &str| net(format!("MixerBlock<{n}, {c}, {}, {h}, Gelu, {keep}>", token_units(n)));
        let (kind, word, keep) = match mix {
            Mix::Mixer => ("mixer", "Mixer", mixer("Keep")),
            Mix::ConvNext => ("convnext", "ConvNeXt", net(format!("ConvNextBlock<{c}, {TAPS}, {h}>"))),
            Mix::Separable => ("sepconv", "separable convolutions", net(format!("SeparableBlock<{c}, {h}, {TAPS}>"))),
            Mix::Pyramid => {
                let (half, d) = (n.div_ceil(2), wider(c));
                let second = format!("ConvNextBlock<{d}, {TAPS}, {}>", 2 * d);
                let head = format!("Downsampled<{c}, {half}, {d}, 2, [{second}; {blocks}], MeanHead<{d}, {outputs}>>");
                let first = format!("ConvNextBlock<{c}, {TAPS}, {h}>");
                ("pyramid", "ConvNeXt in two stages", format!("Net<{n}, {c}, {stem}, [{first}; {blocks}], {head}>"))
            }
        };
        let variants = match mix {
            Mix::Mixer => [("KeepSlopes", "KeepSlopes"), ("Recompute", "Recompute"), ("BlockInput", "BlockInput")]
                .map(|(name, kept)| (name, mixer(kept)))
                .into(),
            _ => Vec::new(),
        };
        let what = if problem.window.is_some() { "frame" } else { "column" };
        Proposal {
            name: format!("{kind}-{}{c}x{blocks}", if patch > 1 { format!("p{patch}-") } else { String::new() }),
            about: format!(
                "{word} for {n} patches of {}, {c} channels, {}",
                count(patch, what),
                count(blocks, "block")
            ),
            keep,
            variants,
        }
    }
}

/// All inputs as one patch: a linear layer.
fn patch(inputs: Inputs, channels: usize) -> String {
    let inputs = inputs.count();
    format!("PatchEmbedding<{inputs}, 1, {inputs}, {channels}>")
}

/// Hidden units of token mixing.
fn token_units(tokens: usize) -> usize {
    tokens.clamp(4, 16)
}

/// Channels of the second stage of a pyramid.
fn wider(channels: usize) -> usize {
    (channels * 5 / 3).next_multiple_of(4)
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
