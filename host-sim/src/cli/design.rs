//! `design`

use std::error::Error;
use std::fs;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::interrupt;
use super::output::{note, print, print_beside};
use super::page::{PART, PageOptions};
use crate::design::found::Part;
use crate::design::merge::merge;
use crate::design::{self, Event, Found, Options, Outcome, search};
use crate::report;
use crate::run::output::{check_all, write};
use crate::run::quiet;
use crate::run::shard::Shard;
use crate::run::shell::for_shell;

/// What is searched, and where the result goes.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Args {
    #[command(flatten)]
    options: Options,
    /// Run the part I of N of the search, on one of N machines; --json then gets this part
    #[arg(long, value_name = "I/N", requires = "json")]
    shard: Option<Shard>,
    /// Put the parts of all shards together instead of searching
    #[arg(long, value_name = "FILE.json", num_args = 1.., conflicts_with = "shard")]
    merge: Vec<String>,
    /// Write all candidates, the plain models and the choice; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    json: Option<String>,
    /// Draw the finalists: score against RAM and against time
    #[arg(long, value_name = "FILE.svg", conflicts_with = "shard")]
    svg: Option<String>,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Searches, or puts together what others have found.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let files = self.options.data.files();
        let reads: Vec<_> = files.into_iter().chain(self.merge.iter().map(|file| ("--merge", Some(&**file)))).collect();
        let Self { json, svg, page, .. } = self;
        let writes = [("--json", json), ("--svg", svg), ("--report", &page.report)];
        check_all(&reads, &writes.map(|(option, path)| (option, path.as_deref())))?;
        if let (Some(_), Some(_)) = (&self.shard, &page.report) {
            return Err(PART.into());
        }
        if !self.merge.is_empty() {
            return self.report(&merge(&self.parts()?)?);
        }
        match self.search()? {
            Outcome::Found(found) => self.report(&found),
            Outcome::Part(part) => {
                if let Some(path) = &self.json {
                    write("--json", path, &serde_json::to_vec_pretty(&part)?)?;
                }
                print(&format!(
                    "Part {} of {}: {} of the {} runs of the last round. Put the parts together with host-sim design --merge FILE...",
                    part.shard,
                    part.shards,
                    part.results.len(),
                    part.draft.jobs.len()
                ))
            }
        }
    }

    fn search(&self) -> Result<Outcome, Box<dyn Error>> {
        let options = self.options.decided()?;
        let prepared = options.prepare()?;
        prepared.summary.iter().for_each(|summary| note(&report::columns(summary).to_string()));
        let (progress, command) = (Progress::new(), command(&options));
        let stop = interrupt::flag()?;
        let outcome = search(&options, &prepared.train, &command, self.shard, &stop, &|event| progress.show(event));
        progress.bar.finish_and_clear();
        Ok(outcome?)
    }

    fn report(&self, found: &Found) -> Result<(), Box<dyn Error>> {
        if let Some(path) = &self.json {
            write("--json", path, &serde_json::to_vec_pretty(found)?)?;
        }
        if let Some(path) = &self.svg {
            write("--svg", path, report::plot::design::found(found)?.as_bytes())?;
        }
        let report = report::found(found);
        let draw = || Ok(vec![report::plot::design::found(found)?]);
        self.page.write("What the search found", &report, draw)?;
        let files = [&self.json, &self.svg, &self.page.report];
        print_beside(files.map(|path| path.as_deref()), &report)
    }

    fn parts(&self) -> Result<Vec<(String, Part)>, Box<dyn Error>> {
        let read = |file: &String| {
            let reason = |reason: String| design::Error::NoPart { file: file.clone(), reason };
            let bytes = fs::read(file).map_err(|error| reason(error.to_string()))?;
            Ok((file.clone(), serde_json::from_slice(&bytes).map_err(|error| reason(error.to_string()))?))
        };
        self.merge.iter().map(read).collect()
    }
}

/// The search as a command, the same for all shards.
fn command(options: &Options) -> String {
    let Options { data, board, ram, flash, latency, folds, minutes, seed } = options;
    let mut words = vec!["host-sim design".to_string()];
    words.extend(data.arguments().iter().map(|word| for_shell(word)));
    words.extend(board.iter().map(|board| format!("--board {board}")));
    words.extend(ram.iter().map(|bytes| format!("--ram {bytes}")));
    words.extend(flash.iter().map(|bytes| format!("--flash {bytes}")));
    words.extend(latency.iter().map(|millis| format!("--latency {millis}")));
    words.push(format!("--folds {folds} --minutes {minutes} --seed {seed}"));
    words.join(" ")
}

/// A line that shows how far the search is.
struct Progress {
    bar: ProgressBar,
}

impl Progress {
    fn new() -> Self {
        let style = ProgressStyle::default_spinner();
        Self { bar: ProgressBar::with_draw_target(None, quiet::target()).with_style(style) }
    }

    /// Shows what happens: in one line that changes if standard error is a terminal, otherwise in a line for each part of the search.
    fn show(&self, event: Event) {
        match event {
            Event::Compiling(count) if self.bar.is_hidden() => note(&format!("compiling {count} candidates")),
            Event::Training(seconds) if self.bar.is_hidden() => {
                note(&format!("training, about {seconds:.0} seconds of a core"));
            }
            _ => self.draw(event),
        }
    }

    fn draw(&self, event: Event) {
        let millis = |seconds: f64| (1000.0 * seconds) as u64;
        match event {
            Event::Compiling(count) => {
                self.bar.set_message(format!("compiling {count} candidates"));
                self.bar.enable_steady_tick(Duration::from_millis(200));
            }
            Event::Training(seconds) => {
                let template = "{bar:24} {percent:>3} %, {eta} left: training";
                self.bar.set_style(ProgressStyle::with_template(template).expect("a constant"));
                self.bar.reset();
                self.bar.set_length(millis(seconds));
            }
            Event::Run(seconds) => self.bar.inc(millis(seconds)),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim design --data wine.csv --label quality
  host-sim design --data train.csv --label y --board stm32f405 --latency 2 --json design.json
  host-sim design --data train.csv --label y --shard 1/2 --json part1.json      on one of two machines
  host-sim design --merge part1.json part2.json --json design.json              as one machine would have found it

Candidates are compiled as types, so that every byte of RAM is known. What is chosen is chosen by validation within the training part of
each fold; the score that is shown is that of the folds.";
