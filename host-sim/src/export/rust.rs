//! A module for firmware.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::number::{Style, nested, rust};
use super::{Error, Trained, rust_inputs};
use crate::networks::Network;
use crate::networks::fields::Field;
use crate::networks::tree::Weights;

/// The whole module; with the weights in bytes, if `int8`.
pub fn module(trained: &Trained, int8: bool) -> Result<String, Error> {
    let Trained { network, weights, preparation } = trained;
    let about = format!(
        "// Trained weights of `{}`, written by `host-sim export`: a module for firmware, which lies in flash with all that it holds.\n\
         //\n\
         // let mut predictor = trainlet::train::Predictor::<Network, {}>::new(&WEIGHTS);\n\
         // let outputs = predictor.predict(&inputs);\n\n",
        network.name, "<Network as trainlet::networks::Network>::Infer"
    );
    let (path, in_bytes) = (path(network), if int8 { ", from weights in bytes" } else { "" });
    let path = if int8 { format!("trainlet::quant::Quantized<{path}>") } else { path };
    let model = format!("/// `{}`: {}{in_bytes}.\npub type Network = {path};\n\n", network.name, network.about);
    let weights = if int8 {
        let (fields, weights) = network.int8()?.stored(&weights.values);
        self::weights(network.name, &fields, &weights)?
    } else {
        self::weights(network.name, &network.fields(), weights)?
    };
    let items = preparation.as_ref().map_or_else(String::new, |preparation| rust_inputs::items(network, preparation));
    Ok(about + &model + &weights + &items)
}

/// The type of a network.
fn path(network: &Network) -> String {
    match network.source {
        Some(source) => source.path.into(),
        None => format!("trainlet::named!({:?})", network.name),
    }
}

/// The weights, as a static of the type `Network`.
///
/// # Errors
/// The network does not say where its weights are.
pub fn weights(network: &str, fields: &[Field], weights: &Weights) -> Result<String, Error> {
    if fields.iter().filter(|field| field.bytes.is_none()).count() != weights.leaves.len() {
        return Err(Error::NoFields { network: network.into() });
    }
    let mut text = String::from(
        "/// The trained weights; in flash, since nothing can change them.\n#[rustfmt::skip]\n\
         #[allow(clippy::approx_constant, clippy::excessive_precision)]\npub static WEIGHTS: Network = {\n    \
         let mut weights = <Network as trainlet::core::params::Params>::ZERO;\n",
    );
    let style = Style { brackets: ['[', ']'], number: rust, depth: 1 };
    let mut leaves = weights.iter();
    for field in fields {
        if let Some(bytes) = &field.bytes {
            let bytes: Vec<_> = bytes.iter().map(|byte| f32::from(*byte)).collect();
            let array = nested(&bytes, &field.shape, Style { number: |byte| byte.to_string(), ..style });
            text += &format!("    weights{} = {array};\n", field.place);
        } else if let Some((leaf, values)) = leaves.next() {
            let array = nested(values, &field.shape, style);
            text += &format!("    // {}\n    weights{} = {array};\n", leaf.name, field.place);
        }
    }
    Ok(text + "    weights\n};\n\n")
}

/// The text as `rustfmt` has it in a folder, whose settings count, or as it is where there is none.
pub fn formatted(text: &str, folder: &Path) -> String {
    let attempt = || {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024"]).current_dir(folder);
        let mut child = rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let (mut input, bytes) = (child.stdin.take()?, text.as_bytes().to_vec());
        // It may write before it has read all.
        let writer = std::thread::spawn(move || input.write_all(&bytes));
        let output = child.wait_with_output().ok()?;
        let _ = writer.join();
        String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
    };
    attempt().unwrap_or_else(|| text.into())
}
