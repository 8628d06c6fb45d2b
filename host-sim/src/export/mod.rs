//! Trained weights, and what training learnt about its data, as source text for a device and as a file for PyTorch.

mod c;
mod c_inputs;
mod inputs;
mod number;
mod onnx;
mod rust;
mod rust_inputs;

use std::collections::HashMap;
use std::path::Path;

use clap::ValueEnum;
use safetensors::SafeTensorError;

use crate::data::preprocessing::Preparation;
use crate::networks::stack;
use crate::networks::tree::Weights;
use crate::networks::weights::{self, File, Manifest, numpy};
use crate::networks::{self, Network};
use crate::run;

pub use inputs::{Column, Inputs, Kind};
pub use number::{Style, identifier, nested, quoted, rust};
pub use rust::{formatted, weights};
pub use rust_inputs::inputs;

/// What the weights are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// A module for firmware: weights in flash, and a function from a raw row to the inputs
    Rust,
    /// A header: arrays of numbers, and tables that say how a raw row becomes inputs
    C,
    /// A file for PyTorch and JAX: what the network computes, and how a raw row becomes inputs, are JSON in its metadata
    Safetensors,
    /// Arrays of numpy by the names of the parameters
    Npz,
    /// A graph from raw rows to probabilities, for ONNX Runtime and its like
    Onnx,
}

/// Which weights, and of which network.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub struct Source {
    /// The network [default: the one that the weights were trained in]
    #[arg(long, value_name = "NAME")]
    pub network: Option<String>,
    /// Weights that `train --save` wrote, or PyTorch
    #[arg(long, value_name = "FILE.safetensors")]
    pub weights: String,
}

/// Trained weights and all that is known about them.
pub struct Trained {
    /// Their network.
    pub network: &'static Network,
    /// The weights.
    pub weights: Weights,
    /// What training learnt about its data; `None` if the file does not say.
    pub preparation: Option<Preparation>,
}

/// Weights that cannot be written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Network(#[from] networks::Error),
    #[error("{path}: does not say of which network its weights are; name it with --network")]
    NoNetwork { path: String },
    #[error(
        "`{network}` does not say where its weights are in its struct; derive `Params` of all its parts with `trainlet::params!`"
    )]
    NoFields { network: String },
    #[error("--int8 has no effect here: it belongs to --to rust; leave it out")]
    Int8,
    #[error("`{network}` cannot be written as ONNX: {refused}")]
    Onnx { network: String, refused: onnx::Refused },
    #[error("the weights cannot be put into a file ({0})")]
    Safetensors(#[from] SafeTensorError),
    #[error("the weights cannot be put into an archive ({0})")]
    Npz(#[from] zip::result::ZipError),
    #[error("the transformation cannot be written as JSON ({0})")]
    Json(#[from] serde_json::Error),
}

/// Reads weights and writes them in another way; in bytes, if `int8`, for which there is but one.
///
/// # Errors
/// Anything wrong with the weights or the network.
pub fn export(source: &Source, language: Language, int8: bool) -> Result<Vec<u8>, Error> {
    stack::large(|| match (int8, language) {
        (false, _) => Trained::read(source)?.write(language),
        (true, Language::Rust) => Trained::read(source)?.module(true),
        (true, _) => Err(Error::Int8),
    })
}

impl Trained {
    /// Reads a file of weights.
    ///
    /// # Errors
    /// Not such a file, or of another network than is named.
    pub fn read(source: &Source) -> Result<Self, Error> {
        let mut file = File::read(&source.weights)?;
        let (path, wanted) = (&source.weights, source.network.as_deref());
        let (network, preparation) = match (file.manifest.take(), wanted) {
            (Some(Manifest { network, preparation, .. }), wanted) => {
                (networks::of_weights(path, &network, wanted)?, Some(preparation))
            }
            (None, Some(wanted)) => (networks::find(wanted)?, None),
            (None, None) => return Err(Error::NoNetwork { path: path.clone() }),
        };
        Ok(Self { network, weights: run::read(&file, network)?, preparation })
    }

    /// Writes them.
    ///
    /// # Errors
    /// A network whose type does not say where its weights are.
    pub fn write(&self, language: Language) -> Result<Vec<u8>, Error> {
        Ok(match language {
            Language::Rust => self.module(false)?,
            Language::C => c::header(self).into_bytes(),
            Language::Safetensors => self.safetensors()?,
            Language::Npz => numpy::to_bytes(&self.weights)?,
            Language::Onnx => {
                let network = || self.network.name.into();
                onnx::file(self).map_err(|refused| Error::Onnx { network: network(), refused })?
            }
        })
    }

    fn module(&self, int8: bool) -> Result<Vec<u8>, Error> {
        Ok(formatted(&rust::module(self, int8)?, Path::new(".")).into_bytes())
    }

    fn safetensors(&self) -> Result<Vec<u8>, Error> {
        let (name, graph) = (self.network.name.to_string(), serde_json::to_string(&self.network.graph)?);
        let mut beside = HashMap::from([("network".into(), name.clone()), ("graph".into(), graph)]);
        let Some(preparation) = &self.preparation else {
            return Ok(weights::to_bytes_with(&self.weights, None, beside)?);
        };
        beside.insert("transform".into(), serde_json::to_string(preparation)?);
        Ok(weights::to_bytes_with(&self.weights, Some(&Manifest::new(&name, preparation.clone())), beside)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Transform;
    use std::fs;
    use std::process::Command;

    /// Weights of a Mixer with numbers of all kinds, and a transformation with inputs of all kinds.
    fn trained() -> Trained {
        let network = networks::find("flow-7x6").unwrap();
        let mut weights = Weights::zero(network.leaves().clone());
        for (number, value) in weights.values.iter_mut().enumerate() {
            *value = f32::from_bits((number as u32).wrapping_mul(0x9e37_79b9) & !(1 << 30));
        }
        weights.values[..4].copy_from_slice(&[0.0, -0.0, 1e-45, -1e19]);
        let json = r#"{
            "label": {"column": "y", "classes": ["no", "say \"what??/\""], "numeric": false},
            "features": [
                {"column": "a", "encoding": "plain", "mean": 0.1, "std": 2.0},
                {"column": "b", "encoding": "signed_log", "mean": 1e-7, "std": 0.0},
                {"column": "c", "encoding": {"centred": {"centre": 1.7e9, "scale": 0.3}}, "mean": 0.0, "std": 1.0},
                {"column": "d", "encoding": {"category": {"rows": 7, "counts": {"t": 3, "\"u\"": 4}}}, "mean": -1.0, "std": 0.5},
                {"column": "e", "encoding": {"one_hot": {"value": "x"}}, "mean": 0.2, "std": 0.4}
            ]
        }"#;
        let transform: Transform = serde_json::from_str(json).unwrap();
        Trained { network, weights, preparation: Some(Preparation::Table(transform)) }
    }

    /// Every number of the header, and what the table says, as a C compiler has it.
    #[test]
    fn c_has_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let trained = trained();
        fs::write(at("flow.h"), trained.write(Language::C).unwrap()).unwrap();
        let arrays: String =
            trained.weights.iter().map(|(leaf, _)| format!("SHOW({});", leaf.name.replace('.', "_"))).collect();
        let program = format!(
            "#include <stdio.h>\n#include <string.h>\n#include \"flow.h\"\n\
             static void show(const void *numbers, size_t count) {{\n  for (size_t i = 0; i < count; i++) {{\n    unsigned bits;\n    \
             memcpy(&bits, (const char *)numbers + 4 * i, 4);\n    printf(\"%08x\\n\", bits);\n  }}\n}}\n\
             #define SHOW(name) show(flow_7x6_##name, sizeof flow_7x6_##name / 4)\n\
             int main(void) {{\n  {arrays}\n  for (int i = 0; i < 5; i++) {{\n    const flow_7x6_input *input = &flow_7x6_inputs[i];\n    \
             printf(\"%s %d %.17g %.17g %d %.9g %.9g %.9g\\n\", input->column, input->kind, input->centre, input->scale,\n           \
             input->code_count, input->unknown, input->mean, input->std);\n  }}\n  \
             printf(\"%s %s\\n\", flow_7x6_classes[1], flow_7x6_inputs[3].codes[0].text);\n}}\n"
        );
        fs::write(at("main.c"), program).unwrap();
        let cc = Command::new("cc")
            .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "main.c", "-o", "main"])
            .current_dir(&folder)
            .output();
        let Ok(output) = cc else {
            eprintln!("skipped: there is no C compiler `cc`");
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "nothing is skipped in CI");
            return;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = Command::new(at("main")).output().unwrap().stdout;
        let printed = String::from_utf8(printed).unwrap();
        let (bits, rest) = printed.split_at(9 * trained.weights.values.len());
        let expected: String =
            trained.weights.values.iter().map(|value| format!("{:08x}\n", value.to_bits())).collect();
        assert_eq!(bits, expected);
        assert_eq!(
            rest,
            "a 0 0 1 0 0 0.100000001 2\nb 1 0 1 0 0 1.00000001e-07 0\nc 2 1700000000 0.29999999999999999 0 0 0 1\n\
             d 3 0 1 2 -2.63905716 -1 0.5\ne 4 0 1 1 0 0.200000003 0.400000006\nsay \"what??/\" \"u\"\n"
        );
    }

    #[test]
    fn a_file_for_pytorch_keeps_the_weights_and_says_how_rows_become_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let trained = Trained {
            weights: Weights { values: vec![0.5; 5000][..trained().weights.values.len()].into(), ..trained().weights },
            ..trained()
        };
        fs::write(&path, trained.write(Language::Safetensors).unwrap()).unwrap();
        let source = Source { network: None, weights: path.to_str().unwrap().into() };
        let back = Trained::read(&source).unwrap();
        assert_eq!((&back.weights, &back.preparation), (&trained.weights, &trained.preparation));
        let bytes = fs::read(&path).unwrap();
        let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        let texts = metadata.metadata().clone().unwrap();
        let transform: Preparation = serde_json::from_str(&texts["transform"]).unwrap();
        assert_eq!((Some(transform), &*texts["network"]), (trained.preparation.clone(), "flow-7x6"));
        let other = Source { network: Some("watch-12x1".into()), ..source };
        assert!(matches!(Trained::read(&other), Err(Error::Network(networks::Error::OtherWeights { .. }))));
    }

    #[test]
    fn weights_of_pytorch_need_a_network_and_have_no_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let bare = Trained { preparation: None, weights: Weights::zero(trained().weights.leaves), ..trained() };
        fs::write(&path, bare.write(Language::Safetensors).unwrap()).unwrap();
        let source = Source { network: None, weights: path.to_str().unwrap().into() };
        assert!(matches!(Trained::read(&source), Err(Error::NoNetwork { .. })));
        let module = export(&Source { network: Some("flow-7x6".into()), ..source }, Language::Rust, false).unwrap();
        let module = String::from_utf8(module).unwrap();
        assert!(module.contains("trainlet::named!(\"flow-7x6\")") && !module.contains("fn inputs"), "{module}");
    }
}
