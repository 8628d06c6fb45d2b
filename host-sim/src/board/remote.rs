//! A trainer at the other end of a line.

use std::io;

use trainlet::core::archive::{Archive, Failure};
use trainlet::core::budget::Budget;
use trainlet::core::checksum::crc32_of;
use trainlet::core::params::{Init, Leaf, Path};
use trainlet::link::client::{self, Client};
use trainlet::link::message::{Readable, Refusal, ResetCause, Settings, Status, Writable};
use trainlet::nn::loss::LossOptions;
use trainlet::train::{Evaluation, Learner, Progress, StepReport};

use super::line::Line;
use super::place::Connection;
use super::{Error, firmware};
use crate::data::preprocessing::Standardisation;
use crate::networks::Network;
use crate::networks::learner::{Device, LearnerError};
use crate::networks::optimizer::StateName;
use crate::networks::tree::Weights;

/// A board that trains a network.
pub struct Remote {
    connection: Connection,
    board: String,
    ram: u32,
    state: String,
    reset: ResetCause,
    budget: Budget,
    /// Steps that were asked for over this connection.
    steps: u32,
    network: &'static Network,
    /// As they were when they were last asked for.
    weights: Weights,
}

impl Remote {
    /// Greets a board.
    ///
    /// # Errors
    /// It does not answer, or trains another network.
    pub fn greet(mut connection: Connection, network: &'static Network) -> Result<Self, Error> {
        let Connection { place, client, .. } = &mut connection;
        let identity = client.hello(network.fingerprint).map_err(|error| match error {
            client::Error::Silent => Error::Silent { place: place.clone() },
            error => error.into(),
        })?;
        if identity.network != network.name {
            let (place, found) = (place.clone(), identity.network.into());
            return Err(Error::OtherNetwork { place, found, wanted: network.name, choice: firmware::CHOICE });
        }
        if identity.fingerprint != network.fingerprint {
            return Err(Error::OtherVersion { place: place.clone(), network: identity.network.into() });
        }
        let [board, state] = [identity.board, identity.state].map(String::from);
        let (ram, reset) = (identity.ram, identity.reset);
        let budget = client.budget()?;
        let weights = Weights::zero(network.leaves().clone());
        Ok(Self { connection, board, ram, state, reset, budget, steps: 0, network, weights })
    }

    /// The same, if its optimiser keeps a number in this way.
    ///
    /// # Errors
    /// It keeps it in another way.
    pub fn with_state(self, state: StateName) -> Result<Self, Error> {
        if self.state == state.name() {
            return Ok(self);
        }
        let (place, found) = (self.connection.place, self.state);
        Err(Error::OtherState { place, found, wanted: state.name(), choice: firmware::STATE })
    }

    /// Starts a run, unless the board is already in this one: then it continues. `run` names it. Another run is
    /// given up only if `restart` says so.
    ///
    /// # Errors
    /// The board has learnt something else, or the line fails.
    pub fn begin(&mut self, run: u32, restart: bool, beginning: &Beginning) -> Result<(), Error> {
        let Status { run: found, steps, samples, .. } = self.check_free(run, restart)?;
        // Without a sample nobody knows whether all that belongs to the beginning has reached the board.
        if found == run && steps + samples > 0 && !restart { Ok(()) } else { self.start(run, beginning) }
    }

    /// Makes sure that nothing is lost unasked when the board starts a run.
    ///
    /// # Errors
    /// It has made steps of another run, and `restart` does not say that these may go.
    pub fn check_free(&mut self, run: u32, restart: bool) -> Result<Status, Error> {
        let status = self.client().status()?;
        if status.run != run && status.steps > 0 && !restart {
            return Err(Error::Occupied { place: self.connection.place.clone(), steps: status.steps });
        }
        Ok(status)
    }

    /// Starts a run, whatever the board has learnt.
    ///
    /// # Errors
    /// The line fails.
    pub fn start(&mut self, run: u32, beginning: &Beginning) -> Result<(), Error> {
        let client = &mut self.connection.client;
        client.start(run, beginning.settings)?;
        if let Some(Standardisation { mean, deviation }) = beginning.standardisation {
            client.write(Writable::Mean, mean)?;
            client.write(Writable::Deviation, deviation)?;
        }
        beginning.weights.map(|weights| send_weights(client, weights)).transpose()?;
        Ok(())
    }

    /// The host's end of the link.
    pub fn client(&mut self) -> &mut Client<Line> {
        &mut self.connection.client
    }

    /// Name of the board, as it says.
    pub fn board(&self) -> &str {
        &self.board
    }

    /// Why it has started, as it says.
    pub fn reset(&self) -> ResetCause {
        self.reset
    }

    /// Bytes of all variables of its program; the stack is beside them.
    pub fn ram(&self) -> u32 {
        self.ram
    }

    /// Where the board is, for messages.
    pub fn place(&self) -> &str {
        &self.connection.place
    }

    /// RAM of its trainer.
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// Fetches the weights, and checks that they have arrived unchanged.
    ///
    /// # Errors
    /// The line fails.
    pub fn fetch(&mut self) -> Result<&Weights, Error> {
        let client = &mut self.connection.client;
        client.read(Readable::Weights, &mut self.weights.values)?;
        let expected = client.checksum()?;
        let found = self.weights.crc32();
        if found == expected { Ok(&self.weights) } else { Err(Error::Weights { found, expected }) }
    }

    /// Has the board save its run. An error of its flash does not stop the run: the board counts it.
    fn store(&mut self) -> Result<(), Error> {
        match self.client().save() {
            Err(client::Error::Refused(refusal)) if refusal != Refusal::NoStore => Ok(()),
            result => Ok(result.map(drop)?),
        }
    }

    fn send_sample(&mut self, row: &[f32]) -> Result<(), Error> {
        Ok(self.client().write(Writable::Sample, row)?)
    }
}

/// All that a board is told at the beginning of a run.
pub struct Beginning<'a> {
    /// Seed, rates and so on.
    pub settings: Settings,
    /// What the board does to each sample first.
    pub standardisation: Option<&'a Standardisation>,
    /// Other weights than those that the seed gives.
    pub weights: Option<&'a Weights>,
}

fn send_weights(client: &mut Client<Line>, weights: &Weights) -> Result<(), client::Error<io::Error>> {
    client.write(Writable::Weights, &weights.values)?;
    client.commit(crc32_of(&weights.values))
}

impl Learner for Remote {
    type Input = [f32];
    type Target = [f32];
    type Output = Vec<f32>;
    type Error = LearnerError;

    fn accumulate(&mut self, row: &[f32], label: &[f32], weight: f32) -> Result<f32, LearnerError> {
        self.send_sample(row)?;
        Ok(self.client().accumulate(label, weight).map_err(Error::from)?)
    }

    fn step(&mut self) -> Result<StepReport, LearnerError> {
        let report = self.client().step().map_err(Error::from)?;
        self.steps += 1;
        if self.connection.store_every.is_some_and(|every| self.steps.is_multiple_of(every)) {
            self.store()?;
        }
        Ok(report)
    }

    fn predict(&mut self, row: &[f32]) -> Result<Vec<f32>, LearnerError> {
        self.send_sample(row)?;
        let mut output = vec![0.0; self.network.outputs];
        self.client().predict(&mut output).map_err(Error::from)?;
        Ok(output)
    }

    /// The loss is the network's own, without smoothing or weights.
    fn evaluate(&mut self, row: &[f32], label: &[f32]) -> Result<Evaluation<Vec<f32>>, LearnerError> {
        let output = self.predict(row)?;
        let judge = self.network.judge(LossOptions::default()).expect("every loss has its defaults");
        Ok(Evaluation { loss: judge.loss(&output, label)?, output })
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), LearnerError> {
        let leaves = self.network.leaves().iter();
        for (leaf, (_, values)) in leaves.zip(self.fetch()?.iter()) {
            let (path, init) = (Path::Field(&Path::Root, &leaf.name), Init::Constant(0.0));
            visit(&Leaf { path: &path, shape: &leaf.shape, role: leaf.role, init, trained: leaf.trained }, values);
        }
        Ok(())
    }

    fn persist(&mut self, archive: &mut Archive) {
        archive.fail(Failure::Elsewhere);
    }

    fn progress(&mut self) -> Result<Progress, LearnerError> {
        let Status { steps, samples, skipped, .. } = self.client().status().map_err(Error::from)?;
        Ok(Progress { steps, samples, skipped })
    }
}

impl Device for Remote {
    fn name(&self) -> &str {
        self.place()
    }

    fn replace(&mut self, weights: &Weights) -> Result<(), LearnerError> {
        Ok(send_weights(self.client(), weights).map_err(Error::from)?)
    }

    fn scale_rate(&mut self, _factor: f32) -> Result<(), LearnerError> {
        Err(LearnerError::FixedRate)
    }

    fn busy_micros(&mut self) -> Result<Option<u64>, LearnerError> {
        Ok(Some(self.client().status().map_err(Error::from)?.busy_micros))
    }
}
