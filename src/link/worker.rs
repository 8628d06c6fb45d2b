//! A trainer that does what messages ask for.

use core::ops::Range;

use super::message::{Answer, Identity, Readable, Refusal, Request, Settings, Status, Writable, fingerprint};
use super::node::Node;
use super::values::{Part, WORD, read_tree};
use crate::core::budget::Budget;
use crate::core::checksum::{crc32, crc32_of};
use crate::core::params::Params;
use crate::core::standardise::standardise;
use crate::core::tensor::Tensor;
use crate::networks::Network;
use crate::nn::loss::Classify;
use crate::optim::Adam;
use crate::train::{Config, Trainer};

/// Most values in a [`Request::Write`]: small enough that the activations of a perceptron hold both messages.
pub const WRITE: usize = 64;
/// Most values in an [`Answer::Values`].
pub const READ: usize = 32;
/// Room for the values of an answer.
pub type Room = [u8; READ * WORD];

/// The trainer, the scaler and the sample that is being talked about.
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
            "new weights come into the memory of the gradient: every weight must be trained"
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

    /// Memory for messages: that of activations, which nobody needs while a message comes or goes. What looks at a sample
    /// overwrites it.
    pub fn messages(&mut self) -> &mut [u8] {
        let (idle, _) = self.trainer.idle();
        // Any bits are a number and any number is four bytes: this cannot fail.
        bytemuck::try_cast_slice_mut(idle).unwrap_or_default()
    }

    /// The same, to be read.
    pub fn messages_there(&self) -> &[u8] {
        bytemuck::try_cast_slice(self.trainer.idle_contents()).unwrap_or_default()
    }

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

    /// Does what is asked, or nothing at all. The bytes of a request, if it has any, are at `bytes` in
    /// [`messages`](Self::messages).
    pub fn carry_out<'r>(
        &mut self,
        request: &Request<'static>,
        bytes: Range<usize>,
        room: &'r mut Room,
    ) -> Result<Answer<'r>, Refusal> {
        match *request {
            Request::Hello { .. } => Ok(Answer::Hello(self.identity())),
            Request::Status => Ok(Answer::Status(self.status())),
            Request::Budget => Ok(Answer::Budget(Node::<M>::BUDGET)),
            Request::Start { run, settings } => self.start(run, settings).map(|()| Answer::Done),
            Request::Write { what, offset, .. } => self.write(what, offset, bytes).map(|()| Answer::Done),
            Request::Read { what, offset, count } => self.read(what, offset, count, room).map(Answer::Values),
            Request::Adopt { crc32 } => self.adopt(crc32).map(|()| Answer::Done),
            Request::Checksum => Ok(Answer::Checksum(crc32(&self.trainer.weights))),
            Request::Predict => self.predict(room).map(Answer::Values),
            Request::Evaluate { class } => self.evaluate(class),
            Request::Accumulate { class, share } => self.accumulate(class, share).map(Answer::Loss),
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

    fn write(&mut self, what: Writable, offset: u32, bytes: Range<usize>) -> Result<(), Refusal> {
        let Self { trainer, sample, mean, deviation, .. } = self;
        let (idle, incoming) = trainer.idle();
        let bytes = bytemuck::try_cast_slice(idle).unwrap_or_default().get(bytes).unwrap_or_default();
        let count = if what == Writable::Weights { <M as Params>::COUNT } else { M::Input::LEN };
        let mut part = Part::new(offset, bytes, count).ok_or(Refusal::OutOfRange)?;
        if !part.is_finite() {
            return Err(Refusal::NotFinite);
        }
        match what {
            Writable::Weights => {
                part.write(incoming.ok_or(Refusal::SamplesWaiting)?);
                // From now on that memory holds weights.
                trainer.incoming();
            }
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

    fn read<'r>(&self, what: Readable, offset: u32, count: u16, room: &'r mut Room) -> Result<&'r [u8], Refusal> {
        let bytes = room.get_mut(..usize::from(count) * WORD).ok_or(Refusal::OutOfRange)?;
        let all = if what == Readable::Weights { <M as Params>::COUNT } else { M::Input::LEN };
        let mut part = Part::new(offset, &mut *bytes, all).ok_or(Refusal::OutOfRange)?;
        match what {
            Readable::Weights => read_tree(part, &self.trainer.weights),
            Readable::Mean => part.read(self.mean.flat()),
            Readable::Deviation => part.read(self.deviation.flat()),
        }
        Ok(bytes)
    }

    fn adopt(&mut self, expected: u32) -> Result<(), Refusal> {
        if crc32_of(self.trainer.incoming().ok_or(Refusal::SamplesWaiting)?) != expected {
            return Err(Refusal::WrongChecksum);
        }
        self.trainer.adopt();
        Ok(())
    }

    fn predict<'r>(&mut self, room: &'r mut Room) -> Result<&'r [u8], Refusal> {
        let output = self.trainer.predict(&self.sample);
        let bytes = room.get_mut(..M::Output::LEN * WORD).ok_or(Refusal::OutOfRange)?;
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

    fn accumulate(&mut self, class: u16, share: f32) -> Result<f32, Refusal> {
        self.running()?;
        let target = M::Loss::target(usize::from(class));
        self.trainer.accumulate(&self.sample, &target, share).map_err(|_| Refusal::InvalidTarget)
    }

    fn running(&self) -> Result<(), Refusal> {
        if self.run == 0 { Err(Refusal::NoRun) } else { Ok(()) }
    }
}
