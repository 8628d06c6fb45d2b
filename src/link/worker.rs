//! A trainer that handles requests.

use super::message::{Answer, Identity, Readable, Refusal, Request, Settings, Status, Writable, fingerprint};
use super::sizes::{READ, WORD, WRITE};
use super::values::{Part, read_tree};
use crate::core::budget::Budget;
use crate::core::checksum::{crc32, crc32_of};
use crate::core::params::Params;
use crate::core::standardise::standardise;
use crate::core::tensor::Tensor;
use crate::networks::Network;
use crate::nn::loss::Classify;
use crate::optim::Adam;
use crate::train::{Config, Trainer};

/// Room for the values of an answer.
pub struct Values([u8; READ * WORD]);

impl Default for Values {
    fn default() -> Self {
        Self([0; READ * WORD])
    }
}

impl Values {
    /// The bytes of `count` values.
    fn bytes(&mut self, count: usize) -> Result<&mut [u8], Refusal> {
        self.0.get_mut(..count * WORD).ok_or(Refusal::OutOfRange)
    }
}

/// The trainer, the scaler and the sample that the requests refer to.
pub struct Worker<M: Network> {
    trainer: Trainer<M, M::Loss, Adam<M::F32>, M::Arena>,
    /// Standardised.
    sample: M::Input,
    mean: M::Input,
    deviation: M::Input,
    board: Option<&'static str>,
    fingerprint: u32,
    ram: u32,
    run: u32,
    busy_micros: u64,
}

impl<M: Network> Worker<M> {
    pub const ZERO: Self = {
        assert!(M::Output::LEN <= READ, "the outputs must fit into an answer: raise READ");
        assert!(
            M::TRAINABLE == M::COUNT,
            "new weights are staged in the memory of the gradient: every weight must be trained"
        );
        Self {
            trainer: Trainer::ZERO,
            sample: M::Input::ZERO,
            mean: M::Input::ZERO,
            deviation: M::Input::ZERO,
            board: None,
            fingerprint: 0,
            ram: 0,
            run: 0,
            busy_micros: 0,
        }
    };

    /// RAM by role, within a node.
    pub const fn budget(link: usize, total: usize) -> Budget {
        let data = size_of::<M::Input>() * 3;
        Trainer::<M, M::Loss, Adam<M::F32>, M::Arena>::BUDGET.with_buffers(data, link, total)
    }

    pub fn init(&mut self, board: &'static str, ram: u32) {
        self.board = Some(board);
        self.ram = ram;
        self.fingerprint = fingerprint(&self.trainer.weights);
        self.reset_scaler();
    }

    /// Whether a host that greets like this means this network.
    pub fn is(&self, fingerprint: u32) -> bool {
        self.fingerprint == fingerprint
    }

    pub fn identity(&self) -> Identity<'static> {
        let Self { board, fingerprint, ram, .. } = *self;
        let (board, write, read) = (board.unwrap_or_default(), WRITE as u16, READ as u16);
        Identity { board, network: M::NAME, fingerprint, ram, write, read }
    }

    pub fn add_busy(&mut self, micros: u64) {
        self.busy_micros = self.busy_micros.saturating_add(micros);
    }

    /// Does what is asked, or refuses and changes nothing. `budget` is that of the node.
    pub fn handle<'v>(
        &mut self,
        request: &Request,
        budget: &Budget,
        values: &'v mut Values,
    ) -> Result<Answer<'v>, Refusal> {
        match *request {
            Request::Hello { .. } => Ok(Answer::Hello(self.identity())),
            Request::Status => Ok(Answer::Status(self.status())),
            Request::Budget => Ok(Answer::Budget(*budget)),
            Request::Start { run, settings } => self.start(run, settings).map(|()| Answer::Done),
            Request::Write { what, offset, bytes } => self.write(what, offset, bytes).map(|()| Answer::Done),
            Request::Read { what, offset, count } => self.read(what, offset, count, values).map(Answer::Values),
            Request::Commit { crc32 } => self.commit(crc32).map(|()| Answer::Done),
            Request::Checksum => Ok(Answer::Checksum(crc32(&self.trainer.weights))),
            Request::Predict => self.predict(values).map(Answer::Values),
            Request::Evaluate { class } => self.evaluate(class),
            Request::Accumulate { class, weight } => self.accumulate(class, weight).map(Answer::Loss),
            Request::Step => {
                self.running()?;
                Ok(Answer::Step(self.trainer.step()))
            }
        }
    }

    fn status(&self) -> Status {
        let Self { trainer, run, busy_micros, .. } = self;
        let [steps, skipped, samples] = [trainer.steps(), trainer.skipped(), trainer.samples()];
        Status { run: *run, steps, skipped, samples, busy_micros: *busy_micros }
    }

    fn start(&mut self, run: u32, settings: Settings) -> Result<(), Refusal> {
        let Settings { seed, loss, adam, schedule, clip, dropout, stochastic_depth } = settings;
        let loss = M::LOSS.with_options(loss).map_err(|_| Refusal::NoSuchOption)?;
        self.trainer.init(Config { seed, loss, optimizer: adam, schedule, clip, dropout, stochastic_depth });
        self.reset_scaler();
        (self.run, self.busy_micros) = (run, 0);
        Ok(())
    }

    /// Mean 0 and deviation 1 leave samples as they are.
    fn reset_scaler(&mut self) {
        self.mean.flat_mut().fill(0.0);
        self.deviation.flat_mut().fill(1.0);
    }

    fn write(&mut self, what: Writable, offset: u32, bytes: &[u8]) -> Result<(), Refusal> {
        let Self { trainer, sample, mean, deviation, .. } = self;
        let count = if what == Writable::Weights { <M as Params>::COUNT } else { M::Input::LEN };
        let mut part = Part::new(offset, bytes, count).ok_or(Refusal::OutOfRange)?;
        if !part.is_finite() {
            return Err(Refusal::NotFinite);
        }
        match what {
            Writable::Weights => drop(part.write(trainer.staged_weights().ok_or(Refusal::SamplesWaiting)?)),
            Writable::Mean => drop(part.write(mean.flat_mut())),
            Writable::Deviation => drop(part.write(deviation.flat_mut())),
            Writable::Sample => {
                let written = part.write(sample.flat_mut());
                let values = sample.flat_mut().iter_mut().zip(mean.flat()).zip(deviation.flat());
                for ((x, mean), deviation) in values.skip(written.start).take(written.len()) {
                    *x = standardise(*x, *mean, *deviation);
                }
            }
        }
        Ok(())
    }

    fn read<'v>(&self, what: Readable, offset: u32, count: u16, values: &'v mut Values) -> Result<&'v [u8], Refusal> {
        let bytes = values.bytes(usize::from(count))?;
        let all = if what == Readable::Weights { <M as Params>::COUNT } else { M::Input::LEN };
        let mut part = Part::new(offset, &mut *bytes, all).ok_or(Refusal::OutOfRange)?;
        match what {
            Readable::Weights => read_tree(part, &self.trainer.weights),
            Readable::Mean => part.read(self.mean.flat()),
            Readable::Deviation => part.read(self.deviation.flat()),
        }
        Ok(bytes)
    }

    fn commit(&mut self, expected: u32) -> Result<(), Refusal> {
        if crc32_of(self.trainer.staged_weights().ok_or(Refusal::SamplesWaiting)?) != expected {
            return Err(Refusal::WrongChecksum);
        }
        self.trainer.commit();
        Ok(())
    }

    fn predict<'v>(&mut self, values: &'v mut Values) -> Result<&'v [u8], Refusal> {
        let output = self.trainer.predict(&self.sample);
        let bytes = values.bytes(M::Output::LEN)?;
        for (bytes, value) in bytes.as_chunks_mut().0.iter_mut().zip(output.flat()) {
            *bytes = value.to_le_bytes();
        }
        Ok(bytes)
    }

    fn evaluate(&mut self, class: u16) -> Result<Answer<'static>, Refusal> {
        self.running()?;
        let target = M::Loss::target(usize::from(class));
        let evaluation = self.trainer.evaluate(&self.sample, &target).map_err(|_| Refusal::InvalidTarget)?;
        Ok(Answer::Evaluation { loss: evaluation.loss, class: M::Loss::class(&evaluation.output) as u16 })
    }

    fn accumulate(&mut self, class: u16, weight: f32) -> Result<f32, Refusal> {
        self.running()?;
        let target = M::Loss::target(usize::from(class));
        self.trainer.accumulate(&self.sample, &target, weight).map_err(|_| Refusal::InvalidTarget)
    }

    fn running(&self) -> Result<(), Refusal> {
        if self.run == 0 { Err(Refusal::NoRun) } else { Ok(()) }
    }
}
