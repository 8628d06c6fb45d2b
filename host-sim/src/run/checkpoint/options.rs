//! The options of a run that goes on: those that it began with.

use clap::Parser;

use super::{Error, Saved};
use crate::data::arguments::Arguments;
use crate::run::options::Options;

/// Options that name files for results: they change nothing in a run.
const RESULTS: [&str; 3] = ["save", "json", "report"];

impl Saved {
    /// The options that the run began with.
    ///
    /// # Errors
    /// They are those of another version of this program.
    pub fn options(&self) -> Result<Options, Error> {
        let other = || Error::Options { path: self.path.clone() };
        let kept = Arguments::parse(&self.run.options).map_err(|_| other())?;
        let words = kept.words(&Arguments::of(&Options::default()));
        let command = std::iter::once("train".to_string()).chain(words);
        let options = Options::try_parse_from(command).map_err(|_| other())?;
        if Arguments::of(&options) == kept { Ok(options) } else { Err(other()) }
    }

    /// The same, with files for results where the user names others. `names` are all options that the user gave, `given` has their
    /// values.
    ///
    /// # Errors
    /// The user asks for another run.
    pub fn options_with(&self, given: &Options, names: &[String]) -> Result<Options, Error> {
        let mut options = self.options()?;
        let (kept, said) = (Arguments::of(&options), Arguments::of(given));
        let differs = |name: &&String| said.get(name) != kept.get(name) && !RESULTS.contains(&name.as_str());
        if let Some(name) = names.iter().find(differs) {
            let [kept, given] = [kept, said].map(|all| all.text(name).unwrap_or_else(|| "left out".into()));
            return Err(Error::Option { path: self.path.clone(), option: format!("--{name}"), kept, given });
        }
        options.save = given.save.clone().or(options.save);
        options.json = given.json.clone().or(options.json);
        options.report = given.report.clone().or(options.report);
        Ok(options)
    }
}
