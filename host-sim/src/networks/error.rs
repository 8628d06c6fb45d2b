//! Networks that do not exist, or not for some data.

/// A network that does not exist, or not for these data.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("`{network}` is trained as a whole: no part of it can be trained alone")]
    Whole { network: &'static str },
    #[error("there is no network `{name}`; there are: {there}")]
    Unknown { name: String, there: String },
    #[error(
        "{data} has {width} inputs per sample and {predicts} to predict, but `{network}` takes {inputs} inputs and predicts \
         {tells}; {fitting}"
    )]
    Mismatch {
        data: String,
        width: usize,
        predicts: String,
        network: &'static str,
        inputs: usize,
        tells: String,
        fitting: String,
    },
}
