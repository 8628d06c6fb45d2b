//! A header for C.

use super::number::{Style, c, identifier, in_comment, nested};
use super::{Trained, c_inputs};

/// The whole header.
pub fn header(Trained { network, weights, preparation }: &Trained) -> String {
    let prefix = identifier(network.name);
    let guard = format!("{}_H", prefix.to_uppercase());
    let mut text = format!(
        "/* Trained weights of `{}`, written by `host-sim export`: {}.\n\n   \
         An array for each tensor, with the shape and the order that PyTorch has; behind them stands how a row becomes the inputs.\n   \
         All numbers read back to the bits that were trained. */\n\n\
         #ifndef {guard}\n#define {guard}\n\n#define {} {}\n#define {} {}\n\n",
        network.name,
        in_comment(network.about),
        format_args!("{}_INPUTS", prefix.to_uppercase()),
        network.inputs,
        format_args!("{}_OUTPUTS", prefix.to_uppercase()),
        network.outputs,
    );
    let style = Style { brackets: ['{', '}'], number: c, depth: 0 };
    for (leaf, values) in weights.iter() {
        let lengths: String = leaf.shape.iter().map(|length| format!("[{length}]")).collect();
        let array = nested(values, &leaf.shape, style);
        let name = leaf.name.replace('.', "_");
        text += &format!("/* {} */\nstatic const float {prefix}_{name}{lengths} = {array};\n\n", leaf.name);
    }
    if let Some(preparation) = preparation {
        text += &c_inputs::tables(&prefix, preparation);
    }
    text + "#endif\n"
}
