//! The files of a project.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::choice::Choice;
use super::values::{first_capital, values};
use super::{Error, Project, board, bytes, samples};
use crate::data::Target;
use crate::data::source::DataSource;
use crate::export;

/// The module of the network.
pub const NETWORK: &str = "network.rs";

/// Larger data files are not copied into the project, bytes.
const COPIED: u64 = 8 << 20;

/// A file to be written.
pub struct File {
    path: String,
    text: String,
}

impl File {
    pub fn new(path: String, text: String) -> Self {
        Self { path, text }
    }

    /// A module or a program of the project, as rustfmt has it there.
    pub fn rust(project: &Project, path: String, text: String) -> Self {
        let is_there = |folder: &&Path| folder.is_dir();
        let above = project.options.folder.ancestors().find(is_there).unwrap_or(Path::new("."));
        Self { path, text: export::formatted(&text, above) }
    }
}

/// Writes all of them, and gives their paths.
pub fn write(project: &Project) -> Result<Vec<String>, Error> {
    let data = data(project)?;
    let values = values(project, &data);
    let rust = |path: &str, text: &str| File::rust(project, path.into(), fill(text, &values));
    let stream = match project.transform.windowing {
        Some(_) => include_str!("templates/stream_window.rs.in"),
        None => include_str!("templates/stream_row.rs.in"),
    };
    let inputs = "//! From a row as it is measured to the inputs of the network.\n\nuse crate::network::Network;\n\n"
        .to_string()
        + &export::inputs(project.transform);
    let mut files = vec![
        File::new("Cargo.toml".into(), fill(include_str!("templates/Cargo.toml.in"), &values)),
        File::new("README.md".into(), fill(include_str!("templates/README.md.in"), &values)),
        File::new(".gitignore".into(), "target\n".into()),
        rust("src/lib.rs", include_str!("templates/lib.rs.in")),
        rust("src/main.rs", include_str!("templates/main.rs.in")),
        rust("src/lesson.rs", include_str!("templates/lesson.rs.in")),
        rust("src/stream.rs", stream),
        rust("tests/project.rs", include_str!("templates/tests.rs.in")),
        File::rust(project, format!("src/{NETWORK}"), network(&project.choice, &project.name)),
        File::rust(project, "src/inputs.rs".into(), inputs),
        File::rust(project, "src/samples.rs".into(), samples::module(project)?),
    ];
    if let Some(weights) = &project.weights {
        let text = "//! Trained weights, in flash.\n\nuse crate::network::Network;\n\n".to_string();
        let text = text + &export::weights(&project.name, &project.probed.fields, weights)?;
        files.push(File::rust(project, "src/weights.rs".into(), text));
    }
    files.extend(board::files(project, &values)?);
    // What the repository is tested with; cargo takes from it what the project needs.
    if let Ok(lock) = fs::read_to_string(project.sources.folder().join("Cargo.lock")) {
        files.push(File::new("Cargo.lock".into(), lock));
    }
    let folder = &project.options.folder;
    for File { path, text } in &files {
        let path = folder.join(path);
        let attempt = || {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(&path, text)
        };
        attempt().map_err(|source| unwritable(&path, source))?;
    }
    let mut paths: Vec<_> = files.into_iter().map(|File { path, .. }| path).collect();
    if let Some(copied) = copy(project, &data)? {
        paths.push(copied);
    }
    Ok(paths)
}

/// What follows the line of a network that can predict from bytes.
const BYTES: &str = ";\n    Int8 = trainlet::quant::Quantized<Model>,";

/// The module of the network.
pub fn network(choice: &Choice, name: &str) -> String {
    let (modules, unknown) = choice.of.imports();
    let mut imports: Vec<_> = modules
        .into_iter()
        .map(|(module, names)| match &names[..] {
            [name] => format!("use trainlet::nn::{module}::{name};"),
            names => format!("use trainlet::nn::{module}::{{{}}};", names.join(", ")),
        })
        .collect();
    imports.push(format!("use trainlet::nn::loss::{};", choice.loss));
    imports.sort_unstable();
    if !unknown.is_empty() {
        imports.push("#[allow(unused_imports)]\nuse trainlet::nn::{block::*, head::*, layer::*, stem::*};".into());
    }
    let about = choice.about.clone();
    let values = HashMap::from([
        ("IMPORTS", imports.join("\n")),
        ("ABOUT_QUOTED", about.replace('\\', "\\\\").replace('"', "\\\"")),
        ("ABOUT", first_capital(&about) + "."),
        ("TYPE", choice.of.annotated()),
        ("BYTES", if bytes::has_form(&choice.of) { BYTES.into() } else { String::new() }),
        ("NAME", name.into()),
        ("LOSS", choice.loss.into()),
        ("STATE", choice.state.in_rust().into()),
    ]);
    fill(include_str!("templates/network.rs.in"), &values)
}

/// Where the project finds its data: its own copy of small ones, in the folder `data`.
fn data(project: &Project) -> Result<String, Error> {
    let DataSource::File(path) = &project.data.data else { return Err(Error::Watch) };
    let path = Path::new(path);
    let is_small = path.is_file() && fs::metadata(path).is_ok_and(|metadata| metadata.len() <= COPIED);
    Ok(match path.file_name() {
        Some(name) if is_small => format!("data/{}", name.to_string_lossy()),
        _ => path.canonicalize().unwrap_or(path.into()).display().to_string(),
    })
}

fn copy(project: &Project, data: &str) -> Result<Option<String>, Error> {
    let (DataSource::File(from), true) = (&project.data.data, data.starts_with("data/")) else {
        return Ok(None);
    };
    let to = project.options.folder.join(data);
    let attempt = || {
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        fs::copy(from, &to)
    };
    attempt().map_err(|source| unwritable(&to, source))?;
    Ok(Some(data.into()))
}

/// Outputs of a network for it.
pub fn outputs(target: &Target) -> usize {
    match target {
        Target::Classes(classes) => classes.len(),
        Target::Values(values) => values.len(),
    }
}

/// The text of a template, with values between its marks.
pub fn fill(template: &str, values: &HashMap<&'static str, String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('@') {
        text += before;
        let mark = after.split_once('@').filter(|(name, _)| values.contains_key(name));
        match mark {
            Some((name, after)) => {
                text += &values[name];
                rest = after;
            }
            None => {
                text.push('@');
                rest = after;
            }
        }
    }
    text + rest
}

pub fn unwritable(path: &Path, source: io::Error) -> Error {
    Error::Unwritable { path: PathBuf::from(path).display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_replaced_and_other_signs_stay() {
        let values = HashMap::from([("NAME", "iris".to_string())]);
        assert_eq!(fill("a @NAME@ b@c.d @OTHER@ @NAME@", &values), "a iris b@c.d @OTHER@ iris");
    }
}
