//! A trainer at the other end of a line.

use std::io;

use trainlet::core::budget::Budget;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::link::client::{self, Client};
use trainlet::link::message::{Readable, Settings, Status, Writable, fingerprint};
use trainlet::networks::Network;
use trainlet::train::StepReport;

use super::place::Connection;
use super::{Error, firmware};
use crate::data::preprocessing::Standardisation;
use crate::run;
use crate::run::learner::Device;

/// A board that trains the network `M`.
pub struct Remote<M> {
    connection: Connection,
    board: String,
    ram: u32,
    budget: Budget,
    /// As they were when they were last asked for.
    weights: Box<M>,
}

impl<M: Network> Remote<M> {
    /// Greets a board.
    ///
    /// # Errors
    /// It does not answer, or trains another network.
    pub fn greet(mut connection: Connection) -> Result<Self, Error> {
        let weights = Box::new(M::ZERO);
        let network = fingerprint(&*weights);
        let Connection { place, client, .. } = &mut connection;
        let identity = client.hello(network).map_err(|error| match error {
            client::Error::Silent => Error::Silent { place: place.clone() },
            error => error.into(),
        })?;
        if identity.network != M::NAME {
            let (place, found) = (place.clone(), identity.network.into());
            return Err(Error::OtherNetwork { place, found, wanted: M::NAME, choice: firmware::CHOICE });
        }
        if identity.fingerprint != network {
            return Err(Error::OtherVersion { place: place.clone(), network: identity.network.into() });
        }
        let (board, ram) = (identity.board.into(), identity.ram);
        let budget = client.budget()?;
        Ok(Self { connection, board, ram, budget, weights })
    }

    /// Starts a run, unless the board is in the midst of this very one: then it goes on. `run` names it. Another run is
    /// given up only if `restart` says so.
    ///
    /// # Errors
    /// The board has learnt something else, or the line fails.
    pub fn begin(&mut self, run: u32, restart: bool, beginning: &Beginning<M>) -> Result<(), Error> {
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
    pub fn start(&mut self, run: u32, beginning: &Beginning<M>) -> Result<(), Error> {
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
    pub fn client(&mut self) -> &mut Client<super::line::Line> {
        &mut self.connection.client
    }

    /// Name of the board, as it says.
    pub fn board(&self) -> &str {
        &self.board
    }

    /// Bytes of all variables of its program; the stack is beside them.
    pub fn ram(&self) -> u32 {
        self.ram
    }

    /// Where the board is, for messages.
    pub fn place(&self) -> &str {
        &self.connection.place
    }

    /// Fetches the weights, and makes sure that they have come as they are.
    ///
    /// # Errors
    /// The line fails.
    pub fn fetch(&mut self) -> Result<&M, Error> {
        let mut flat = vec![0.0; <M as Params>::COUNT];
        let client = &mut self.connection.client;
        client.read(Readable::Weights, &mut flat)?;
        let expected = client.checksum()?;
        let mut rest = &flat[..];
        M::walk([&mut self.weights], &mut |_, [values]| {
            let (here, later) = rest.split_at(values.len());
            values.copy_from_slice(here);
            rest = later;
        });
        let found = crc32(&*self.weights);
        if found == expected { Ok(&self.weights) } else { Err(Error::Weights { found, expected }) }
    }

    fn send_sample(&mut self, row: &[f32]) -> Result<(), Error> {
        Ok(self.client().write(Writable::Sample, row)?)
    }
}

/// All that a board is told at the beginning of a run.
pub struct Beginning<'a, M> {
    /// Seed, rates and so on.
    pub settings: Settings,
    /// What the board does to each sample first.
    pub standardisation: Option<&'a Standardisation>,
    /// Other weights than those that the seed gives.
    pub weights: Option<&'a M>,
}

fn send_weights<M: Params>(
    client: &mut Client<super::line::Line>,
    weights: &M,
) -> Result<(), client::Error<io::Error>> {
    let mut flat = Vec::with_capacity(M::COUNT);
    weights.read(&mut |_, values| flat.extend_from_slice(values));
    client.write(Writable::Weights, &flat)?;
    client.commit(crc32(weights))
}

impl<M: Network> Device<M> for Remote<M> {
    fn name(&self) -> &str {
        self.place()
    }

    fn budget(&self) -> Budget {
        self.budget
    }

    fn position(&mut self) -> Result<(u32, u32), run::Error> {
        let Status { steps, samples, .. } = self.client().status().map_err(Error::from)?;
        Ok((steps, samples))
    }

    fn accumulate(&mut self, row: &[f32], label: usize, share: f32) -> Result<f32, run::Error> {
        self.send_sample(row)?;
        Ok(self.client().accumulate(label as u16, share).map_err(Error::from)?)
    }

    fn step(&mut self) -> Result<StepReport, run::Error> {
        Ok(self.client().step().map_err(Error::from)?)
    }

    fn predict(&mut self, row: &[f32]) -> Result<M::Output, run::Error> {
        self.send_sample(row)?;
        let mut output = M::Output::ZERO;
        self.client().predict(output.flat_mut()).map_err(Error::from)?;
        Ok(output)
    }

    fn weights(&mut self) -> Result<&M, run::Error> {
        Ok(self.fetch()?)
    }

    fn skipped(&mut self) -> Result<u32, run::Error> {
        Ok(self.client().status().map_err(Error::from)?.skipped)
    }

    fn busy_micros(&mut self) -> Result<Option<u64>, run::Error> {
        Ok(Some(self.client().status().map_err(Error::from)?.busy_micros))
    }
}
