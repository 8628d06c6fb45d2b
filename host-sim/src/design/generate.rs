//! The crate of candidates.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::space::{Problem, Proposal};

/// What the candidates are made of.
const IMPORTS: &str = "\
use trainlet::nn::block::*;
use trainlet::nn::head::*;
use trainlet::nn::layer::*;
use trainlet::nn::loss::*;
use trainlet::nn::net::Net;
use trainlet::nn::stem::*;";

/// The source of the crate: what is compiled depends on nothing else, so that it names its folder.
pub fn source(problem: &Problem, proposals: &[Proposal]) -> String {
    let mut text = format!("//! Candidates of `host-sim design`.\n\n#![allow(unused_imports)]\n\n{IMPORTS}\n\n");
    for (index, Proposal { name, about, keep, variants }) in proposals.iter().enumerate() {
        let loss = problem.loss();
        let variants: String = variants.iter().map(|(name, of)| format!("\n    {name} = {of},")).collect();
        let variants = if variants.is_empty() { variants } else { format!(";{variants}\n") };
        let _ = writeln!(
            text,
            "trainlet::network! {{\n    pub N{index} = {keep}; {name:?}, {loss}, {about:?}{variants}}}\n"
        );
    }
    text += "static CANDIDATES: &[trainlet_worker::Candidate] = &[\n";
    for index in 0..proposals.len() {
        let _ = writeln!(text, "    trainlet_worker::Candidate::of::<N{index}>(),");
    }
    text + "];\n\nfn main() -> std::process::ExitCode {\n    trainlet_worker::serve(CANDIDATES)\n}\n"
}

/// Writes the crate of that name into a folder, which depends on trainlet's worker in `host_sim`.
///
/// # Errors
/// Those of the file system.
pub fn write(folder: &Path, name: &str, host_sim: &Path, source: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [dependencies]\ntrainlet = {{ path = {:?}, features = [\"std\"] }}\n\
         trainlet-worker = {{ path = {:?}, features = [\"baselines\"] }}\n\n{PROFILE}",
        host_sim.join(".."),
        host_sim.join("worker")
    );
    let path = folder.join("Cargo.toml");
    // What is the same is not written again: cargo would take it for new.
    for (path, text) in [(&path, &*manifest), (&folder.join("src/main.rs"), source)] {
        if fs::read_to_string(path).ok().as_deref() != Some(text) {
            fs::write(path, text)?;
        }
    }
    let lock = folder.join("Cargo.lock");
    if !lock.exists() {
        // The versions of the repository, where there are some.
        let _ = fs::copy(host_sim.join("../Cargo.lock"), lock);
    }
    Ok(path)
}

/// The kernels are all of the work; what is around them is compiled for the first time whenever the list changes.
const PROFILE: &str = "\
[profile.release]
opt-level = 1
debug = false
incremental = false
codegen-units = 16

[profile.release.package.trainlet]
opt-level = 3
codegen-units = 16

[profile.release.build-override]
opt-level = 0
";
