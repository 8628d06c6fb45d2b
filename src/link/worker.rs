//! A trainer that handles requests.

use super::message::{
    Answer, Identity, Readable, Refusal, Request, ResetCause, Saved, Settings, Status, Writable, fingerprint,
};
use super::node::Save;
use super::sample::Sample;
use super::sizes::{READ, WORD, WRITE};
use super::values::{Part, Values, read_tree};
use crate::core::archive::Archive;
use crate::core::budget::Budget;
use crate::core::checksum::{crc32, crc32_of};
use crate::core::params::Params;
use crate::core::tensor::Tensor;
use crate::networks::Network;
use crate::nn::loss::{Loss, Supervised};
use crate::optim::{Adam, State};
use crate::train::{Config, StepReport, Trainer};

/// The trainer, the scaler and the sample that the requests refer to.
pub struct Worker<M: Network, S: State = <M as Network>::F32> {
    trainer: Trainer<M, M::Loss, Adam<S>, M::Arena>,
    sample: Sample<M::Input>,
    board: Option<&'static str>,
    fingerprint: u32,
    ram: u32,
    run: u32,
    busy_micros: u64,
    reset: ResetCause,
    /// Steps from one save to the next; 0 for none by itself.
    save_every: u32,
    saves: u32,
    store_errors: u32,
}

impl<M: Network, S: State> Worker<M, S> {
    pub const ZERO: Self = {
        assert!(M::Loss::TASK.label_len() <= WRITE, "a label must fit into a request: raise WRITE");
        assert!(
            M::TRAINABLE == M::COUNT,
            "new weights are staged in the memory of the gradient: every weight must be trained"
        );
        Self {
            trainer: Trainer::ZERO,
            sample: Sample::ZERO,
            board: None,
            fingerprint: 0,
            ram: 0,
            run: 0,
            busy_micros: 0,
            reset: ResetCause::Unknown,
            save_every: 0,
            saves: 0,
            store_errors: 0,
        }
    };

    /// RAM by role, within a node.
    pub const fn budget(link: usize, total: usize) -> Budget {
        let data = size_of::<M::Input>() * 3;
        Trainer::<M, M::Loss, Adam<S>, M::Arena>::BUDGET.with_buffers(data, link, total)
    }

    pub fn init(&mut self, board: &'static str, reset: ResetCause, ram: u32) {
        (self.board, self.reset) = (Some(board), reset);
        self.ram = ram;
        self.fingerprint = fingerprint(&self.trainer.weights);
        self.sample.reset_scaler();
    }

    /// Whether a host that greets like this means this network.
    pub fn is(&self, fingerprint: u32) -> bool {
        self.fingerprint == fingerprint
    }

    pub fn identity(&self) -> Identity<'static> {
        let Self { board, reset, fingerprint, ram, .. } = *self;
        let (board, write, read) = (board.unwrap_or_default(), WRITE as u16, READ as u16);
        Identity { board, network: M::NAME, fingerprint, state: S::NAME, reset, ram, write, read }
    }

    pub fn add_busy(&mut self, micros: u64) {
        self.busy_micros = self.busy_micros.saturating_add(micros);
    }

    /// Shows all that a run needs to go on. The sample is no part of it.
    pub fn persist(&mut self, archive: &mut Archive) {
        let Self { trainer, sample, run, busy_micros, .. } = self;
        archive.part("node");
        trainer.persist(archive);
        sample.persist(archive);
        archive.count(run);
        archive.long(busy_micros);
    }

    /// Saves after each `steps` steps; `saves` have been made before, and `errors` come of looking for the last one.
    pub fn save_every(&mut self, steps: u32, saves: u32, errors: u32) {
        (self.save_every, self.saves, self.store_errors) = (steps, saves, errors);
    }

    /// Does what is asked, or refuses and changes nothing. `budget` is that of the node.
    pub fn handle<'v>(
        &mut self,
        request: &Request,
        budget: &Budget,
        values: &'v mut Values,
        save: Save,
    ) -> Result<Answer<'v>, Refusal> {
        match *request {
            Request::Hello { .. } => {
                self.sample.forget();
                Ok(Answer::Hello(self.identity()))
            }
            Request::Status => Ok(Answer::Status(self.status())),
            Request::Budget => Ok(Answer::Budget(*budget)),
            Request::Start { run, settings } => self.start(run, settings).map(|()| Answer::Done),
            Request::Write { what, offset, bytes } => self.write(what, offset, bytes).map(|()| Answer::Done),
            Request::Read { what, offset, count } => self.read(what, offset, count, values).map(Answer::Values),
            Request::Commit { crc32 } => self.commit(crc32).map(|()| Answer::Done),
            Request::Checksum => Ok(Answer::Checksum(crc32(&self.trainer.weights))),
            Request::Predict { offset, count } => self.predict(offset, count, values).map(Answer::Values),
            Request::Evaluate { label } => self.evaluate(label).map(Answer::Loss),
            Request::Accumulate { label, weight } => self.accumulate(label, weight).map(Answer::Loss),
            Request::Step => self.step(save).map(Answer::Step),
            Request::Save => self.save(save).map(Answer::Saved),
        }
    }

    fn status(&self) -> Status {
        let Self { trainer, run, busy_micros, saves, store_errors, .. } = self;
        let [steps, skipped, samples] = [trainer.steps(), trainer.skipped(), trainer.samples()];
        let [run, saves, store_errors] = [*run, *saves, *store_errors];
        Status { run, steps, skipped, samples, busy_micros: *busy_micros, saves, store_errors }
    }

    fn start(&mut self, run: u32, settings: Settings) -> Result<(), Refusal> {
        if run == 0 {
            return Err(Refusal::RunZero);
        }
        let Settings { seed, loss, adam, schedule, clip, dropout, stochastic_depth } = settings;
        let loss = M::LOSS.with_options(loss).map_err(|_| Refusal::NoSuchOption)?;
        let clip = clip.into();
        let config = Config::<_, _, true> { seed, loss, optimizer: adam, schedule, clip, dropout, stochastic_depth };
        self.trainer.init(config).map_err(Refusal::Setting)?;
        self.sample.reset_scaler();
        self.sample.forget();
        (self.run, self.busy_micros) = (run, 0);
        Ok(())
    }

    fn write(&mut self, what: Writable, offset: u32, bytes: &[u8]) -> Result<(), Refusal> {
        let count = if what == Writable::Weights { <M as Params>::COUNT } else { M::Input::LEN };
        let mut part = Part::new(offset, bytes, count).ok_or(Refusal::OutOfRange)?;
        if !part.is_finite() {
            return Err(Refusal::NotFinite);
        }
        match what {
            Writable::Sample => self.sample.write(part),
            Writable::Mean => self.sample.write_mean(part),
            Writable::Deviation => self.sample.write_deviation(part)?,
            Writable::Weights => drop(part.write(self.trainer.staged_weights().ok_or(Refusal::SamplesWaiting)?)),
        }
        Ok(())
    }

    fn read<'v>(&self, what: Readable, offset: u32, count: u16, values: &'v mut Values) -> Result<&'v [u8], Refusal> {
        let bytes = values.bytes(usize::from(count))?;
        let all = if what == Readable::Weights { <M as Params>::COUNT } else { M::Input::LEN };
        let mut part = Part::new(offset, &mut *bytes, all).ok_or(Refusal::OutOfRange)?;
        match what {
            Readable::Weights => read_tree(part, &self.trainer.weights),
            Readable::Mean => part.read(self.sample.mean()),
            Readable::Deviation => part.read(self.sample.deviation()),
        }
        Ok(bytes)
    }

    fn commit(&mut self, expected: u32) -> Result<(), Refusal> {
        if !self.trainer.is_staged() && self.trainer.samples() == 0 {
            return Err(Refusal::NoWeights);
        }
        if crc32_of(self.trainer.staged_weights().ok_or(Refusal::SamplesWaiting)?) != expected {
            return Err(Refusal::WrongChecksum);
        }
        self.trainer.commit();
        self.sample.forget();
        Ok(())
    }

    fn predict<'v>(&mut self, offset: u16, count: u16, values: &'v mut Values) -> Result<&'v [u8], Refusal> {
        let sample = self.sample.get()?;
        let bytes = values.bytes(usize::from(count))?;
        let mut part = Part::new(u32::from(offset), &mut *bytes, M::Output::LEN).ok_or(Refusal::OutOfRange)?;
        part.read(self.trainer.predict(sample).flat());
        Ok(bytes)
    }

    fn evaluate(&mut self, label: &[u8]) -> Result<f32, Refusal> {
        self.running()?;
        let sample = self.sample.get()?;
        let target = Self::target(label)?;
        let evaluation = self.trainer.evaluate(sample, &target).map_err(|_| Refusal::InvalidTarget)?;
        Ok(evaluation.loss)
    }

    fn target(label: &[u8]) -> Result<<M::Loss as Loss<M::Output>>::Target, Refusal> {
        let count = M::Loss::TASK.label_len();
        match Part::new(0, label, count) {
            Some(part) if label.len() == count * WORD => Ok(M::Loss::target(part.values())),
            _ => Err(Refusal::InvalidTarget),
        }
    }

    fn accumulate(&mut self, label: &[u8], weight: f32) -> Result<f32, Refusal> {
        self.running()?;
        let sample = self.sample.get()?;
        if !weight.is_finite() {
            return Err(Refusal::NotFinite);
        }
        let target = Self::target(label)?;
        self.trainer.accumulate(sample, &target, weight).map_err(|_| Refusal::InvalidTarget)
    }

    fn step(&mut self, save: Save) -> Result<StepReport, Refusal> {
        self.running()?;
        if self.trainer.samples() == 0 {
            return Err(Refusal::NoSamples);
        }
        let report = self.trainer.step();
        if self.save_every > 0 && self.trainer.steps().is_multiple_of(self.save_every) {
            // An error is counted; the training goes on.
            let _ = self.save(save);
        }
        Ok(report)
    }

    fn save(&mut self, save: Save) -> Result<Saved, Refusal> {
        self.running()?;
        if self.trainer.samples() > 0 {
            return Err(Refusal::SamplesWaiting);
        }
        let result = save(&mut |archive| self.persist(archive));
        match result {
            Ok(Saved { number, .. }) => self.saves = number,
            Err(Refusal::NoStore) => {}
            Err(_) => self.store_errors = self.store_errors.saturating_add(1),
        }
        result
    }

    fn running(&self) -> Result<(), Refusal> {
        if self.run == 0 { Err(Refusal::NoRun) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::VERSION;
    use super::*;
    use crate::networks::Watch12x1;
    use crate::nn::layer::{Dropout, StochasticDepth};
    use crate::nn::loss::LossOptions;
    use crate::optim::{AdamConfig, Schedule};
    use std::boxed::Box;
    use std::vec::Vec;

    const SETTINGS: Settings = Settings {
        seed: 3,
        loss: LossOptions { label_smoothing: None, pos_weight: None },
        adam: AdamConfig::adam(),
        schedule: Schedule::constant(1e-2),
        clip: None,
        dropout: Dropout { p: 0.0 },
        stochastic_depth: StochasticDepth { p: 0.0 },
    };
    const START: Request = Request::Start { run: 1, settings: SETTINGS };
    const PREDICT: Request = Request::Predict { offset: 0, count: 7 };
    /// Class 1.
    const ONE: &[u8] = &1_f32.to_le_bytes();
    const HELLO: Request = Request::Hello { version: VERSION, network: 0 };

    fn started() -> Box<Worker<Watch12x1>> {
        let mut worker = Box::new(Worker::ZERO);
        worker.init("fake", ResetCause::Power, 5);
        assert_eq!(ask(&mut worker, START), None);
        worker
    }

    /// Why a request is refused.
    fn ask(worker: &mut Worker<Watch12x1>, request: Request) -> Option<Refusal> {
        let budget = Worker::<Watch12x1>::budget(0, size_of::<Worker<Watch12x1>>());
        worker.handle(&request, &budget, &mut Values::default(), &mut |_| Err(Refusal::NoStore)).err()
    }

    /// Writes this all over.
    fn write(worker: &mut Worker<Watch12x1>, what: Writable, value: f32, count: usize) {
        let bytes: Vec<u8> = (0..count).flat_map(|_| value.to_le_bytes()).collect();
        assert_eq!(ask(worker, Request::Write { what, offset: 0, bytes: &bytes }), None);
    }

    #[test]
    fn a_sample_is_gone_after_a_greeting_a_start_and_new_weights() {
        let mut worker = started();
        let uses = [PREDICT, Request::Evaluate { label: ONE }, Request::Accumulate { label: ONE, weight: 1.0 }];
        for forget in [HELLO, START, Request::Commit { crc32: crc32_of(&[0.5; Watch12x1::COUNT]) }] {
            write(&mut worker, Writable::Weights, 0.5, Watch12x1::COUNT);
            write(&mut worker, Writable::Sample, 0.25, 96);
            assert!(worker.sample.values.flat().iter().all(|x| *x == 0.25));
            assert_eq!(ask(&mut worker, PREDICT), None);
            assert_eq!(ask(&mut worker, forget), None);
            assert!(worker.sample.values.flat().iter().all(|x| *x == 0.0), "{forget:?}");
            for request in uses {
                assert_eq!(ask(&mut worker, request), Some(Refusal::NoSample), "{request:?} after {forget:?}");
            }
        }
    }

    #[test]
    fn nothing_is_adopted_started_or_stepped_without_what_it_needs() {
        let mut worker = started();
        let before = crc32(&worker.trainer.weights);
        let nothing = crc32_of(&[0.0; Watch12x1::COUNT]);
        assert_eq!(ask(&mut worker, Request::Commit { crc32: nothing }), Some(Refusal::NoWeights));
        assert_eq!(ask(&mut worker, Request::Start { run: 0, settings: SETTINGS }), Some(Refusal::RunZero));
        assert_eq!(ask(&mut worker, Request::Step), Some(Refusal::NoSamples));
        write(&mut worker, Writable::Sample, 0.25, 96);
        for weight in [f32::NAN, f32::INFINITY] {
            assert_eq!(ask(&mut worker, Request::Accumulate { label: ONE, weight }), Some(Refusal::NotFinite));
        }
        assert_eq!((worker.run, worker.trainer.steps(), crc32(&worker.trainer.weights)), (1, 0, before));
        assert_eq!(ask(&mut worker, Request::Accumulate { label: ONE, weight: 1.0 }), None);
        assert_eq!(ask(&mut worker, Request::Step), None);
        assert_eq!(ask(&mut worker, Request::Step), Some(Refusal::NoSamples), "a second time");
    }
}
