//! Which options stand in the command, whatever their values.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// The names of the options that stand in the command. It has none of its own.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// As `--help` has them, without hyphens in front.
    pub names: Vec<String>,
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let stands = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
        let names = matches.ids().map(|id| id.as_str()).filter(stands).map(|id| id.replace('_', "-")).collect();
        Ok(Self { names })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
