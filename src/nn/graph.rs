//! What a network computes, as a constant: for programs that write it down in another form, as host-sim does for ONNX, PyTorch and JAX.
//!
//! A firmware that does not look at it has nothing of it.

/// What a part of a network computes in evaluation, which is without dropout and stochastic depth. Parts are named as their parameters
/// are in the [walk](crate::core::params::Params::read), whose leaves hold the shapes.
///
/// Between two parts there is a stream `[tokens][channels]`; a network begins with its sample as one token and ends with its outputs.
/// A part of your own can be put together of these:
///
/// ```
/// use trainlet::nn::graph::Graph;
///
/// /// x + tanh(W x + b), with `mixing.weight` and `mixing.bias`.
/// const GRAPH: Graph = Graph::Residual(&Graph::Sequence(&[Graph::Named("mixing", &Graph::Linear), Graph::Tanh]));
/// # let _ = GRAPH;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Graph {
    /// A part that does not say what it computes. A network with such a part cannot be written in another form.
    Unknown,
    /// One after the other.
    Sequence(&'static [Graph]),
    /// One after the other, their names numbered from 0.
    List(&'static [Graph]),
    /// In a list, and in a part of one: elements of it that are numbered through.
    Part(&'static [Graph]),
    /// The same under a name.
    Named(&'static str, &'static Graph),
    /// `x + f(x)`
    Residual(&'static Graph),
    /// `y₁ = x₁ + f(x₂)`, then `y₂ = x₂ + g(y₁)`, where the two are halves of the channels.
    Coupled(&'static Graph, &'static Graph),
    /// The outputs of several parts for the same input, their channels side by side.
    Concatenation(&'static [Graph]),
    /// The values of a sample or a stream, row after row, as one of this shape. Values that are missing at the end are 0.
    Reshape {
        /// Rows.
        tokens: usize,
        /// Values of a row.
        channels: usize,
    },
    /// `W x + b` of the channels of each token: `weight [out][in]`, `bias [out]`.
    Linear,
    /// `W x + b` of the tokens of each channel: `weight [out][in]`, `bias [out]`.
    TokenLinear,
    /// [`Conv1d`](crate::nn::layer::Conv1d): `weight [out][tap][in of the group]`, `bias [out]`.
    Conv {
        /// Tokens from one step to the next.
        stride: usize,
    },
    /// [`DepthwiseConv1d`](crate::nn::layer::DepthwiseConv1d): `weight [tap][channel]`, `bias [channel]`.
    DepthwiseConv,
    /// [`LayerNorm`](crate::nn::layer::LayerNorm): `weight [channel]`, `bias [channel]`.
    LayerNorm,
    /// [`Lambda`](crate::nn::layer::Lambda): `query`, `key`, `value`, `position`.
    Lambda,
    /// [`PiecewiseLinear`](crate::nn::layer::PiecewiseLinear) of tokens of one channel: `weight [token][bin][out]`, `bias [token][out]`.
    PiecewiseLinear,
    /// Times the leaf of this name, `[channel]`.
    Scale(&'static str),
    /// Plus the leaf of this name, `[token][channel]`.
    Offset(&'static str),
    /// [`Gelu`](crate::nn::layer::Gelu)
    Gelu,
    /// [`Tanh`](crate::nn::layer::Tanh)
    Tanh,
    /// [`Relu`](crate::nn::layer::Relu)
    Relu,
    /// The largest of each token and its two neighbours, channel by channel.
    MaxOfThree,
    /// Six [`Statistics`](crate::nn::stem::Statistics) over the tokens: a token for each channel.
    Statistics,
    /// The mean over the tokens: one token.
    Mean,
}

impl Graph {
    /// The elements of a list as a part of a longer one.
    pub(crate) const fn as_part(self) -> Self {
        match self {
            Self::List(elements) => Self::Part(elements),
            other => other,
        }
    }
}
