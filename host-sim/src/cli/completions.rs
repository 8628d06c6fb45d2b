//! `completions`

use std::error::Error;

use clap_complete::{Shell, generate};

use super::output::print_data;

/// For which shell.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Args {
    /// Prints the script.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let mut script = Vec::new();
        let name = std::env::args()
            .next()
            .and_then(|path| Some(std::path::Path::new(&path).file_stem()?.to_str()?.to_string()));
        generate(self.shell, &mut super::command(), name.unwrap_or_else(|| "host-sim".into()), &mut script);
        print_data(&script)
    }
}

const EXAMPLES: &str = "\
Examples:
  source <(host-sim completions bash)
  host-sim completions zsh > ~/.zfunc/_host-sim
  host-sim completions fish > ~/.config/fish/completions/host-sim.fish";
