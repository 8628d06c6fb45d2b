//! A board and this computer side by side, with the same samples in the same steps.

use serde::Serialize;
use trainlet::train::train_step;

use crate::board::Error as BoardError;
use crate::board::lockstep::{Pair, compare};
use crate::board::place::Connection;
use crate::board::remote::{Beginning, Remote};
use crate::data::Dataset;
use crate::data::preprocessing::{self, Prepared};
use crate::data::sampler::Plan;
use crate::networks::Network;
use crate::networks::learner::{Desktop, weights};
use crate::networks::stack;
use crate::networks::tree::Weights;
use crate::run;
use crate::run::augment::{Augment, variant};
use crate::run::error::Error;
use crate::run::identity::run_number;
use crate::run::options::Options;
use crate::run::settings;

/// Result of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Where the board is.
    pub place: String,
    /// Steps of the run.
    pub steps: u32,
    /// CRC-32 of the desktop's weights at the end.
    pub weights_crc32: u32,
    /// How many requests had to be sent again.
    pub repeats: u64,
    /// The first step after which the weights differ, from 0, and where.
    pub difference: Option<(u32, Difference)>,
}

/// The first value in the order of the walk that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its leaf.
    pub leaf: String,
    /// Its number in the leaf.
    pub index: usize,
    /// The board's.
    pub board: f32,
    /// This computer's.
    pub desktop: f32,
}

/// Trains on a board and here, and compares the weights after every `every`th step. `watcher` is told the number of each
/// step.
///
/// # Errors
/// As a training run on the board.
pub fn run(
    options: &Options,
    connection: Connection,
    restart: bool,
    every: u32,
    watcher: &mut (dyn FnMut(u32, u32) + Send),
) -> Result<Report, Error> {
    let network = run::check(options)?;
    let here = preprocessing::for_training(&options.data, options.seed)?;
    let there = run::for_board(options)?;
    let augment = Augment::of(&options.regularisation.augment, &here, options.seed)?;
    network.check(&here.train)?;
    let plan = run::plan(options, &here)?;
    settings::settings(options, network, &plan)?;
    stack::large(move || {
        let mut board = Remote::greet(connection, network)?.with_state(options.update.state.unwrap_or_default())?;
        let run = run_number(options, &there)?.wrapping_add(1).max(1);
        board.check_free(run, restart)?;
        let desktop = desktop(options, network, &plan)?;
        let mut twins = Twins { options, network, here, there, plan, augment, board, desktop, run, watcher };
        let difference = compare(&mut twins, plan.steps(), every)?;
        Ok(Report {
            place: twins.board.place().into(),
            steps: plan.steps(),
            weights_crc32: weights(&mut *twins.desktop)?.crc32(),
            repeats: twins.board.client().repeats(),
            difference,
        })
    })
}

fn desktop(options: &Options, network: &Network, plan: &Plan) -> Result<Box<dyn Desktop>, settings::Error> {
    network.learner(&settings::learner(options, plan)?).map_err(settings::refused)
}

struct Twins<'a> {
    options: &'a Options,
    network: &'static Network,
    here: Prepared,
    there: Prepared,
    plan: Plan,
    augment: Option<Augment>,
    board: Remote,
    desktop: Box<dyn Desktop>,
    run: u32,
    watcher: &'a mut (dyn FnMut(u32, u32) + Send),
}

impl Pair for Twins<'_> {
    type Difference = Difference;
    type Error = Error;

    fn begin(&mut self) -> Result<(), Error> {
        let settings = settings::settings(self.options, self.network, &self.plan)?;
        let standardisation = self.there.left_to_do.as_ref();
        self.board.start(self.run, &Beginning { settings, standardisation, weights: None })?;
        self.desktop = desktop(self.options, self.network, &self.plan)?;
        Ok(())
    }

    fn advance(&mut self, step: u32) -> Result<(), Error> {
        let Self { here, there, plan, augment, board, desktop, .. } = self;
        let numbers: Vec<usize> = plan.samples(&plan.batch(step)).collect();
        let samples = |of: &Dataset| -> Vec<_> {
            let sample = |(place, number): (u32, &usize)| {
                (variant(augment.as_ref(), of.row(*number), step, place).into_owned(), of.label(*number).to_vec())
            };
            (0..).zip(&numbers).map(sample).collect()
        };
        let [there, here] = [&there.train, &here.train].map(samples);
        train_step(board, there.iter().map(|(row, label)| (&row[..], &label[..])))?;
        train_step(&mut **desktop, here.iter().map(|(row, label)| (&row[..], &label[..])))?;
        (self.watcher)(step, self.plan.steps());
        Ok(())
    }

    fn difference(&mut self) -> Result<Option<Difference>, Error> {
        let desktop = weights(&mut *self.desktop)?;
        if self.board.client().checksum().map_err(BoardError::from)? == desktop.crc32() {
            return Ok(None);
        }
        Ok(first_difference(self.board.fetch()?, &desktop))
    }
}

/// The first value whose bits differ.
pub fn first_difference(board: &Weights, desktop: &Weights) -> Option<Difference> {
    board.iter().zip(desktop.iter()).find_map(|((leaf, board), (_, desktop))| {
        let mut pairs = board.iter().zip(desktop).enumerate();
        let (index, (board, desktop)) = pairs.find(|(_, (board, desktop))| board.to_bits() != desktop.to_bits())?;
        Some(Difference { leaf: leaf.name.clone(), index, board: *board, desktop: *desktop })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks;

    #[test]
    fn the_first_difference_has_a_name_and_a_place() {
        let network = networks::find("watch-12x1").unwrap();
        let [mut a, b] = [0; 2].map(|_| Weights::zero(network.leaves().clone()));
        a.values.iter_mut().enumerate().for_each(|(index, value)| *value = index as f32 + 0.5);
        let mut b = Weights { values: a.values.clone(), ..b };
        assert_eq!(first_difference(&a, &b), None);
        *b.values.last_mut().unwrap() += 1.0;
        let start: usize = b
            .leaves
            .iter()
            .take_while(|leaf| leaf.name != "blocks.0.channel_mixing.1.bias")
            .map(|leaf| leaf.len())
            .sum();
        b.values[start + 3] = -b.values[start + 3];
        let difference = first_difference(&a, &b).unwrap();
        assert_eq!((&*difference.leaf, difference.index), ("blocks.0.channel_mixing.1.bias", 3));
        assert_eq!(difference.board, -difference.desktop);
    }
}
