//! `new`

use std::error::Error;

use super::output::{note, print};
use crate::new::{Created, Options, create};
use crate::run::shell::for_shell;

/// What a project is made of.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Args {
    #[command(flatten)]
    options: Options,
}

impl Args {
    /// Writes the project, and says what it is.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        note("asking the compiler what the network needs; the first time takes half a minute");
        let Created { name, folder, about, parameters, trainer, files } = create(&self.options)?;
        let (folder, files) = (folder.display().to_string(), files.len());
        print(&format!(
            "{folder}: {files} files\n{name}: {about}; {parameters} weights, {trainer} bytes of RAM for a trainer\n\n{}",
            first_commands(&folder)
        ))
    }
}

fn first_commands(folder: &str) -> String {
    let folder = for_shell(folder);
    format!(
        "README.md has its commands. The first ones:\n  cd {folder}\n  cargo run --release -- train --help\n  cargo test"
    )
}

const EXAMPLES: &str = "\
Examples:
  host-sim new flowers --data iris.csv --label species
  host-sim new gestures --data logs --label gesture --window 32 --hop 16 --group person --board nrf52840
  host-sim new flows --data flows.csv --choice design.json --weights flows.safetensors

The project has the network as a type, the transformation of the data, samples and trained weights as constants for flash, host-sim with
this network, and firmware: `standalone` trains by itself, `node` over a serial line, `stream` on what your sensor measures.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_lead_to_any_folder() {
        assert!(first_commands("a b").contains("\n  cd 'a b'\n") && first_commands("ab").contains("\n  cd ab\n"));
    }
}
