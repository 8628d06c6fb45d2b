//! A training without tests on the way, on this computer or on a board.

use trainlet::train::train_step;

use crate::board::adaptation;
use crate::board::place::Place;
use crate::board::remote::{Beginning, Remote};
use crate::data::Dataset;
use crate::data::preprocessing::Prepared;
use crate::data::sampler::Plan;
use crate::networks::learner::{Device, weights};
use crate::networks::stack;
use crate::networks::tree::Weights;
use crate::networks::{Network, optimizer::StateName};
use crate::run::augment::{Augment, variant};
use crate::run::identity::run_number;
use crate::run::metrics::score;
use crate::run::options::Options;
use crate::run::{self, Error, settings};

/// A training that is ready to start.
pub struct Fit<'a> {
    options: &'a Options,
    network: &'static Network,
    prepared: &'a Prepared,
    plan: Plan,
    augment: Option<Augment>,
}

impl<'a> Fit<'a> {
    /// Of these data, by these options.
    pub fn new(options: &'a Options, network: &'static Network, prepared: &'a Prepared) -> Result<Self, Error> {
        let plan = run::plan(options, prepared)?;
        let augment = Augment::of(&options.regularisation.augment, prepared, options.seed)?;
        Ok(Self { options, network, prepared, plan, augment })
    }

    /// The trained weights, from those of `start` or from random ones.
    pub fn on_desktop(&self, start: Option<&Weights>) -> Result<Weights, Error> {
        stack::large(|| {
            let settings = settings::learner(self.options, &self.plan)?;
            let mut learner = self.network.learner(&settings).map_err(settings::refused)?;
            if let Some(start) = start {
                learner.load(&start.values);
            }
            self.run(&mut *learner)
        })
    }

    /// The same on a board with the program `node`.
    pub fn on_board(&self, place: &Place, start: Option<&Weights>) -> Result<adaptation::Adapted, Error> {
        let connection = place.connect(self.network, StateName::default())?;
        let settings = settings::settings(self.options, self.network, &self.plan)?;
        let mut board = Remote::greet(connection, self.network)?.with_state(StateName::default())?;
        let run = run_number(self.options, self.prepared)?;
        board.start(run, &Beginning { settings, standardisation: None, weights: start })?;
        let weights = self.run(&mut board)?;
        let micros = board.busy_micros().map_err(Error::Learner)?.unwrap_or_default();
        Ok(adaptation::Adapted { weights_crc32: weights.crc32(), seconds: micros as f64 * 1e-6, ram: None })
    }

    fn run<D: Device + ?Sized>(&self, device: &mut D) -> Result<Weights, Error> {
        let Self { prepared: Prepared { train, .. }, plan, augment, .. } = self;
        for step in 0..plan.steps() {
            let numbers: Vec<usize> = plan.samples(&plan.batch(step)).collect();
            let samples = numbers.iter().enumerate().map(|(place, number)| {
                (variant(augment.as_ref(), train.row(*number), step, place as u32), train.label(*number))
            });
            train_step(device, samples).map_err(Error::Learner)?;
        }
        weights(device).map_err(Error::Learner)
    }
}

/// Share of the samples whose class these weights find.
pub fn accuracy(network: &Network, weights: &Weights, set: &Dataset) -> f32 {
    stack::large(|| {
        let mut predict = network.predictor(&weights.values);
        let scores = score(network, set, None, |row| Ok(predict(row)));
        // Samples of the watch have labels that the network has outputs for: it was checked.
        scores.map_or(f32::NAN, |scores| scores.score())
    })
}
