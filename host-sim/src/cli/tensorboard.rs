//! `--tensorboard`: the progress of a run in an event file.

use std::error::Error;
use std::io;
use std::path::Path;

use crate::report::events::EventFile;
use crate::run::epochs::Event;
use crate::run::record::EpochRecord;

/// Writes what it hears of a run.
pub struct TensorBoard<'a> {
    folder: &'a str,
    file: EventFile,
    /// The first failure, after which nothing more is written.
    failure: Option<io::Error>,
}

impl<'a> TensorBoard<'a> {
    /// Begins a file in a folder.
    pub fn new(folder: &'a str) -> Result<Self, Box<dyn Error>> {
        let file = EventFile::create(Path::new(folder)).map_err(|error| message(folder, &error))?;
        Ok(Self { folder, file, failure: None })
    }

    /// Writes down what happened.
    pub fn hear(&mut self, event: Event) {
        if self.failure.is_none() {
            self.failure = self.write(event).err();
        }
    }

    fn write(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Step(moment) => {
                self.file.scalars(moment.done, &[("step/loss", moment.loss.into()), ("step/rate", moment.lr.into())])
            }
            Event::Unlabelled(moment) => self.file.scalars(moment.done, &[("pretraining/loss", moment.loss.into())]),
            Event::Epoch(epoch, moment) => {
                self.file.scalars(moment.done, &of_epoch(epoch))?;
                self.file.flush()
            }
            Event::Read(_) | Event::RolledBack(_) | Event::Tested(_) | Event::UnlabelledEpoch(..) => Ok(()),
        }
    }

    /// Whether all of it is on the disk.
    pub fn finish(mut self) -> Result<(), Box<dyn Error>> {
        let failure = self.failure.take().or_else(|| self.file.flush().err());
        failure.map_or(Ok(()), |error| Err(message(self.folder, &error).into()))
    }
}

fn of_epoch(epoch: &EpochRecord) -> Vec<(&'static str, f64)> {
    let score =
        if epoch.test_r2.is_some() { ["r2/validation", "r2/test"] } else { ["accuracy/validation", "accuracy/test"] };
    let figures = [
        ("loss/training", Some(epoch.train_loss)),
        ("loss/validation", epoch.validation_loss.map(f64::from)),
        ("loss/test", epoch.test_loss.map(f64::from)),
        (score[0], epoch.validation_score.map(f64::from)),
        (score[1], epoch.test_accuracy.or(epoch.test_r2).map(f64::from)),
    ];
    figures.into_iter().filter_map(|(tag, value)| Some((tag, value?))).collect()
}

fn message(folder: &str, error: &io::Error) -> String {
    format!(
        "{folder}: cannot be written ({error}); choose another --tensorboard, or make room and give yourself the right to write there"
    )
}
