//! Networks that do not exist, or not for some data.

use trainlet::nn::loss::Task;

use super::describe;

/// A network that does not exist, or not for these data.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("`{network}` is trained as a whole: no part of it can be trained alone")]
    Whole { network: &'static str },
    #[error(
        "`{network}` has no form in bytes: plain Mixers and perceptrons have one, here {there}; your own by `Int8 = ..` in `trainlet::network!`"
    )]
    NoInt8 { network: &'static str, there: String },
    #[error("{path}: holds weights of `{found}`, not of `{wanted}`; leave --network out, or give other weights")]
    OtherWeights { path: String, found: String, wanted: String },
    #[error("there is no network `{name}`; there are: {there}")]
    Unknown { name: String, there: String },
    #[error(
        "{data} has {width} inputs per sample and {} to predict, but `{network}` takes {inputs} inputs and predicts \
         {}; {fitting}",
        describe(*.predicts), describe(*.tells)
    )]
    Mismatch {
        data: String,
        width: usize,
        predicts: Task,
        network: &'static str,
        inputs: usize,
        tells: Task,
        fitting: String,
    },
}
