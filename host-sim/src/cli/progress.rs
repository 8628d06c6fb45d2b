//! A line that shows the progress of a run.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output::note;
use crate::report;
use crate::run::epochs::{Event, Moment};
use crate::run::quiet;

/// Shows the run on standard error: one line that changes if that is a terminal, otherwise a line per epoch.
pub struct Progress {
    bar: ProgressBar,
    last_test: String,
}

const TEMPLATE: &str = "{bar:24} {percent:>3} %, {eta} left: {wide_msg}";

impl Progress {
    /// Shows nothing until the first [`Event`].
    pub fn new() -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).expect("a constant");
        let bar = ProgressBar::with_draw_target(None, quiet::target()).with_style(style);
        Self { bar, last_test: String::new() }
    }

    /// Shows what happened.
    pub fn show(&mut self, event: Event) {
        match event {
            Event::Read(summary) => self.lasting(report::columns(summary).to_string()),
            Event::Step(moment) => {
                let line = format!("{}{}", describe(&moment, moment.loss.into()), self.last_test);
                self.step(moment, line);
            }
            Event::Tested(_) => (),
            Event::RolledBack(rollback) => self.lasting(rollback.describe()),
            Event::Unlabelled(moment) => self.step(moment, without_labels(&moment, moment.loss.into())),
            Event::UnlabelledEpoch(loss, moment) => self.line(without_labels(&moment, loss)),
            Event::Epoch(epoch, moment) => {
                self.last_test = epoch.describe_tests();
                let line = format!("{}{}", describe(&moment, epoch.train_loss), self.last_test);
                match &epoch.health {
                    Some(health) => self.lasting(format!("{line}, {}", health.describe())),
                    None => self.line(line),
                }
            }
        }
    }

    fn step(&mut self, moment: Moment, line: String) {
        self.bar.set_length(moment.steps.into());
        self.bar.set_position(moment.done.into());
        self.bar.set_message(line);
        if moment.done == 1 {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    /// A line that later ones do not replace.
    fn lasting(&mut self, line: String) {
        self.bar.suspend(|| note(&line));
    }

    fn line(&mut self, line: String) {
        if self.bar.is_hidden() {
            note(&line);
        } else {
            self.bar.set_message(line);
        }
    }

    /// Shows that `done` of the steps are done.
    pub fn count(&mut self, done: u32, steps: u32) {
        self.bar.set_length(steps.into());
        self.bar.set_position(done.into());
        self.bar.set_message(format!("step {done}"));
    }

    /// Leaves the last line as it stands.
    pub fn finish(&self) {
        self.bar.abandon();
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

fn without_labels(moment: &Moment, loss: f64) -> String {
    format!("pre-training, {}", describe(moment, loss))
}

fn describe(moment: &Moment, loss: f64) -> String {
    let Moment { epoch, samples_per_second, lr, .. } = moment;
    format!("epoch {epoch}, {samples_per_second:.0} samples/s, rate {lr:.1e}, loss {loss:.4}")
}
