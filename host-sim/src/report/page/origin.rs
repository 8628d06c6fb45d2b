//! How a page came about, so that it can be made again.

use std::path::Path;

use maud::html;

use super::section::Section;
use crate::data::arguments::Arguments;
use crate::run::options::Options;
use crate::run::shell;

/// The command, and what carried it out.
#[derive(Clone, Debug)]
pub struct Origin {
    /// As it was typed, quoted for a shell.
    pub command: String,
}

impl Origin {
    /// That of this process.
    pub fn of_process() -> Self {
        let mut words: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        if let Some(program) = words.first_mut() {
            *program = Path::new(&*program).file_name().unwrap_or_default().to_string_lossy().into_owned();
        }
        Self { command: shell::line(&words) }
    }

    /// The command and versions; of a run also the options that a resumed run has from its checkpoint, and the seed.
    pub(super) fn section(&self, options: Option<&Options>) -> Section {
        let settings = options.map(|options| {
            let words = Arguments::of(options).words(&Arguments::of(&Options::default()));
            format!("host-sim train {}", shell::line(&words))
        });
        let body = html! {
            dl.origin {
                dt { "command" } dd { code { (self.command) } }
                @if let Some(settings) = settings { dt { "the same training on a desktop" } dd { code { (settings) } } }
                @if let Some(options) = options { dt { "seed" } dd { (options.seed) } }
                dt { "host-sim" } dd { (env!("CARGO_PKG_VERSION")) }
                dt { "compiler" } dd { (env!("RUSTC_VERSION")) }
            }
        };
        Section::new("origin", "How to make it again", body)
    }
}
