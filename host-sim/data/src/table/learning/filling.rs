//! The second pass over a training file, which fills the inputs before they are standardised.

use super::super::category::Dictionary;
use super::super::column::Taken;
use super::super::feature::Reading;
use super::super::groups::Groups;
use super::super::profile::Profile;
use super::super::raw::Raw;
use super::super::row::Row;
use super::super::summary::Kind;
use super::super::target::Labels;
use super::super::windows::{Frames, Runs, Windowing, Windows};
use super::super::{Error, Missing};
use super::{Lesson, rules};

impl Lesson<'_> {
    /// Whether nothing is missing from a row.
    fn is_whole(&self, row: &Row, labels: &Labels) -> Result<bool, Error> {
        let inputs = self.inputs.iter().all(|input| input.feature.is_there(row.cell(input.column)));
        Ok(inputs && labels.are_there(row)?)
    }

    /// How many samples there will be.
    fn samples(&self, labels: &Labels) -> Result<usize, Error> {
        if self.options.missing != Missing::Drop {
            return Ok(self.rows);
        }
        let mut samples = 0;
        self.table.scan(|row| {
            samples += usize::from(self.is_whole(row, labels)?);
            Ok(())
        })?;
        if samples == 0 { Err(Error::AllLeftOut { path: self.table.path().into() }) } else { Ok(samples) }
    }

    /// The samples as they are.
    pub fn second_pass(mut self) -> Result<Raw, Error> {
        let mut dictionaries: Vec<_> = self.inputs.iter_mut().map(|input| input.dictionary.take()).collect();
        let windowing = self.windowing()?;
        let (mut frames, names) = self.fill(&mut dictionaries, windowing.as_ref())?;
        let width = self.inputs.len();
        for (offset, (input, dictionary)) in self.inputs.iter_mut().zip(dictionaries).enumerate() {
            if let Some(dictionary) = dictionary {
                self.columns[input.column].kind = Kind::Categories { values: dictionary.len() };
                input.encode(dictionary, frames.values.iter_mut().skip(offset).step_by(width), self.scaling);
            }
        }
        let left_out = self.rows - frames.values.len() / width;
        let task = self.answer.label().target().task();
        let windows = match &windowing {
            Some(windowing) => windowing.cut(&frames, width, task.classes() > 0, task.label_len()),
            None => {
                let Frames { values, labels, groups, .. } = frames;
                Windows { values, labels, groups, ..Windows::default() }
            }
        };
        let Self { table, options, scaling, answer, inputs, columns, .. } = self;
        let path = table.path().to_string();
        if let Some(Windowing { frames, .. }) = windowing.as_ref().filter(|_| windows.values.is_empty()) {
            return Err(Error::NoWindow { path, frames: *frames });
        }
        let Windows { values, labels, groups, recordings, undecided } = windows;
        let (separator, missing) = (table.separator(), options.missing);
        let left_out = if windowing.is_some() { undecided } else { left_out };
        Ok(Raw {
            path,
            separator,
            scaling,
            missing,
            windowing,
            answer,
            inputs,
            columns,
            left_out,
            values,
            labels,
            groups,
            recordings,
            names,
        })
    }

    /// How rows become windows, if they do.
    fn windowing(&self) -> Result<Option<Windowing>, Error> {
        let Self { table, options, .. } = self;
        let Some((frames, hop)) = options.window else { return Ok(None) };
        let by = options.by.iter().chain(&options.group).cloned().collect();
        let time = options.time.as_ref().map(|name| Ok((name.clone(), self.time(name)?))).transpose()?;
        let windowing = Windowing { frames, hop, by, time };
        Runs::new(table, &windowing)?;
        Ok(Some(windowing))
    }

    /// How the times of a column are read.
    fn time(&self, name: &str) -> Result<Reading, Error> {
        let mut profile = Profile::new(self.table.column(name, "--time")?, rules(self.table, self.options));
        self.table.scan(|row| {
            profile.see(row.cell(profile.column));
            Ok(())
        })?;
        match profile.decide(self.table)? {
            Taken::Values { reading, .. } => Ok(reading),
            Taken::Categories(_) => Err(Error::NoTime { path: self.table.path().into(), column: name.into() }),
        }
    }

    /// The inputs before standardisation, texts numbered, and the labels; and the names of the groups.
    fn fill(
        &self,
        dictionaries: &mut [Option<Dictionary>],
        windowing: Option<&Windowing>,
    ) -> Result<(Frames, Vec<String>), Error> {
        let label = self.answer.label();
        let labels_of = label.of(self.table)?;
        let (samples, leaves_out) = (self.samples(&labels_of)?, self.options.missing == Missing::Drop);
        let mut groups = self.options.group.as_ref().map(|name| Groups::new(self.table, name)).transpose()?;
        let mut runs = windowing.map(|windowing| Runs::new(self.table, windowing)).transpose()?;
        // Exactly as much memory as it takes.
        let mut frames = Frames {
            values: Vec::with_capacity(self.inputs.len() * samples),
            labels: Vec::with_capacity(label.target().task().label_len() * samples),
            ..Frames::default()
        };
        self.table.scan(|row| {
            if leaves_out && !self.is_whole(row, &labels_of)? {
                runs.iter_mut().for_each(Runs::interrupt);
                return Ok(());
            }
            runs.as_mut().map_or(Ok(()), |runs| runs.see(row))?;
            groups.as_mut().map_or(Ok(()), |groups| groups.see(row))?;
            for (input, dictionary) in self.inputs.iter().zip(&mut *dictionaries) {
                let cell = row.cell(input.column);
                frames.values.push(match dictionary {
                    Some(dictionary) => dictionary.number(cell.text) as f32,
                    // Not a number until the mean is known.
                    None => input.feature.number(cell)?.unwrap_or(f32::NAN),
                });
            }
            labels_of.push(row, &mut frames.labels)
        })?;
        frames.starts = runs.map(Runs::finish).transpose()?.unwrap_or_default();
        let (of_rows, names) = groups.map(Groups::finish).unwrap_or_default();
        frames.groups = of_rows;
        Ok((frames, names))
    }
}
