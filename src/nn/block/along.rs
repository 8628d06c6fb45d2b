//! The two axes of a stream.

use crate::core::message::Message;
use crate::core::params::Label;
use crate::nn::graph::Graph;
use crate::nn::layer::Axis;

/// Which axis of a stream a mixing runs along.
pub(crate) trait Along {
    /// Along the tokens of each channel, or else along the channels of each token.
    const TOKENS: bool;
    /// Names of the leaves.
    const LABEL: Label;
}

/// Each channel's tokens: the columns of the stream.
pub struct AlongTokens;

impl Along for AlongTokens {
    const TOKENS: bool = true;
    const LABEL: Label = Label { branch: "token_mixing", norm: "token_norm" };
}

/// Each token's channels: the rows of the stream.
pub struct AlongChannels;

impl Along for AlongChannels {
    const TOKENS: bool = false;
    const LABEL: Label = Label { branch: "channel_mixing", norm: "channel_norm" };
}

/// The axis of a stream `[tokens][channels]`, and how many vectors it has along it. Stops the compiler unless they are `length`
/// long.
pub(crate) const fn vectors<X: Along>(tokens: usize, channels: usize, length: usize) -> (Axis, usize) {
    if X::TOKENS && length != tokens {
        Message::new("token mixing of ")
            .number(length)
            .text(" tokens stands in a network of ")
            .number(tokens)
            .text(": write MixerBlock<")
            .number(tokens)
            .text(", C, T, H>, or TokenMixing<")
            .number(tokens)
            .text(", T>")
            .panic();
    }
    if !X::TOKENS && length != channels {
        Message::new("channel mixing of ")
            .number(length)
            .text(" channels stands in a network of ")
            .number(channels)
            .text(": write ChannelMixing<")
            .number(channels)
            .text(", H>")
            .panic();
    }
    if X::TOKENS { (Axis::Columns { width: channels }, channels) } else { (Axis::Rows, tokens) }
}

/// A linear layer along this axis.
pub(crate) const fn linear<X: Along>() -> Graph {
    if X::TOKENS { Graph::TokenLinear } else { Graph::Linear }
}
