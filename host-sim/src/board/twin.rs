//! Board and desktop side by side, on the same samples in the same steps.

use serde::Serialize;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::networks::{Network, Visit, visit};
use trainlet::optim::Adam;

use super::lockstep::{Pair, compare};
use super::place::Connection;
use super::remote::{Beginning, Remote};
use super::{Error as BoardError, run_number};
use crate::data::preprocessing::{self, Prepared};
use crate::data::sampler::Plan;
use crate::run::learner::{Desktop, Device};
use crate::run::options::Options;
use crate::run::settings;
use crate::run::stack;
use crate::run::{self, Error};

/// What a comparison came to.
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
    let config = run::check(options)?;
    let here = preprocessing::for_training(&options.data)?;
    let there = preprocessing::for_board(&options.data)?;
    config.check(&here.train)?;
    let plan = run::plan(options, &here)?;
    let job = Job { options, here, there, plan, connection, restart, every, watcher };
    stack::large(move || visit(config.name, job)).expect("the list has just given this name")
}

struct Job<'a> {
    options: &'a Options,
    here: Prepared,
    there: Prepared,
    plan: Plan,
    connection: Connection,
    restart: bool,
    every: u32,
    watcher: &'a mut (dyn FnMut(u32, u32) + Send),
}

impl Visit for Job<'_> {
    type Result = Result<Report, Error>;

    fn visit<M: Network>(self) -> Self::Result {
        let Self { options, here, there, plan, connection, restart, every, watcher } = self;
        settings::settings::<M>(options, &plan)?;
        let mut board = Remote::<M>::greet(connection)?;
        let run = run_number(options, &there)?.wrapping_add(1).max(1);
        board.check_free(run, restart)?;
        let desktop = desktop::<M>(options, &plan)?;
        let mut twins = Twins { options, here, there, plan, board, desktop, run, watcher };
        let difference = compare(&mut twins, plan.steps(), every)?;
        Ok(Report {
            place: twins.board.place().into(),
            steps: plan.steps(),
            weights_crc32: crc32(twins.desktop.weights()?),
            repeats: twins.board.client().repeats(),
            difference,
        })
    }
}

fn desktop<M: Network>(options: &Options, plan: &Plan) -> Result<Desktop<M, Adam<M::F32>>, settings::Error> {
    Ok(Desktop::start(settings::config::<M, _>(options, plan, settings::adam(options))?, None))
}

struct Twins<'a, M: Network> {
    options: &'a Options,
    here: Prepared,
    there: Prepared,
    plan: Plan,
    board: Remote<M>,
    desktop: Desktop<M, Adam<M::F32>>,
    run: u32,
    watcher: &'a mut (dyn FnMut(u32, u32) + Send),
}

impl<M: Network> Pair for Twins<'_, M> {
    type Difference = Difference;
    type Error = Error;

    fn begin(&mut self) -> Result<(), Error> {
        let settings = settings::settings::<M>(self.options, &self.plan)?;
        let standardisation = self.there.left_to_do.as_ref();
        self.board.start(self.run, &Beginning { settings, standardisation, weights: None })?;
        self.desktop = desktop(self.options, &self.plan)?;
        Ok(())
    }

    fn advance(&mut self, step: u32) -> Result<(), Error> {
        let batch = self.plan.batch(step);
        let samples = self.plan.samples(&batch);
        let share = 1.0 / samples.len() as f32;
        for sample in samples {
            let label = self.here.train.labels[sample];
            self.board.accumulate(self.there.train.row(sample), label, share)?;
            self.desktop.accumulate(self.here.train.row(sample), label, share)?;
        }
        self.board.step()?;
        self.desktop.step()?;
        (self.watcher)(step, self.plan.steps());
        Ok(())
    }

    fn difference(&mut self) -> Result<Option<Difference>, Error> {
        let desktop = self.desktop.weights()?;
        if self.board.client().checksum().map_err(BoardError::from)? == crc32(desktop) {
            return Ok(None);
        }
        Ok(first_difference(self.board.fetch()?, desktop))
    }
}

/// The first value whose bits differ.
pub fn first_difference<M: Params>(board: &M, desktop: &M) -> Option<Difference> {
    let mut values = Vec::new();
    desktop.read(&mut |_, desktop| values.extend_from_slice(desktop));
    let (mut first, mut rest) = (None, &values[..]);
    board.read(&mut |leaf, board| {
        let (desktop, later) = rest.split_at(board.len());
        rest = later;
        if first.is_none() {
            let mut pairs = board.iter().zip(desktop).enumerate();
            let found = pairs.find(|(_, (board, desktop))| board.to_bits() != desktop.to_bits());
            first = found.map(|(index, (board, desktop))| Difference {
                leaf: leaf.path.to_string(),
                index,
                board: *board,
                desktop: *desktop,
            });
        }
    });
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use trainlet::core::rng::{Key, Purpose};
    use trainlet::networks::Watch12x1;

    #[test]
    fn the_first_difference_has_a_name_and_a_place() {
        let [mut a, mut b] = [Watch12x1::ZERO, Watch12x1::ZERO];
        a.init(Key::new(1, Purpose::Init));
        b.init(Key::new(1, Purpose::Init));
        assert_eq!(first_difference(&a, &b), None);
        b.head.head.bias[6] += 1.0;
        let bias = &mut b.blocks[0].second.branch.output.bias[3];
        *bias = -*bias;
        let difference = first_difference(&a, &b).unwrap();
        assert_eq!((&*difference.leaf, difference.index), ("blocks.0.channel_mixing.1.bias", 3));
        assert_eq!(difference.board, -difference.desktop);
    }
}
