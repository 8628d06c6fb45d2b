//! A node with a small trainer against sequences of messages, well-formed and not. It must not panic, every answer must be a frame
//! that can be read, and no weight may end up infinite.

use arbitrary::{Arbitrary, Result, Unstructured};
use trainlet::core::checksum::crc32_of;
use trainlet::link::frame::{Frame, Receiver, encode};
use trainlet::link::message::{Answer, Readable, Refusal, Request, ResetCause, VERSION, fingerprint};
use trainlet::link::node::{Node, REPLY, REQUEST};
use trainlet::networks::Network;
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::{DenseHead, MeanHead};
use trainlet::nn::loss::{BceWithLogits, CrossEntropy};
use trainlet::nn::net::Net;
use trainlet::nn::stem::{DenseStem, PatchEmbedding};

use crate::ask::{Ask, WEIGHTS};

trainlet::network! {
    /// Two tokens, two blocks.
    pub Mixed = Net<2, 3, PatchEmbedding<2, 2, 1, 3>, [MixerBlock<2, 3, 2, 4>; 2], MeanHead<3, 3>>;
    "mixed", CrossEntropy, "two tokens"
}

trainlet::network! {
    /// A perceptron with one output.
    pub Alone = Net<1, 3, DenseStem<4, 3, 3>, (), DenseHead<3, 1>>; "alone", BceWithLogits<1>, "one output"
}

/// Something that comes over the line.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A frame around this request.
    Request {
        /// Another session than the usual one.
        foreign: bool,
        /// By how much its number is larger than the next one.
        skip: u8,
        /// The request.
        ask: Ask,
    },
    /// A frame around these bytes.
    Frame(Vec<u8>),
    /// Bytes without a frame.
    Wire(Vec<u8>),
}

/// Most are requests of the usual session.
impl Arbitrary<'_> for Piece {
    fn arbitrary(u: &mut Unstructured) -> Result<Self> {
        Ok(match u.int_in_range(0..=15)? {
            0 => Self::Frame(u.arbitrary()?),
            1 => Self::Wire(u.arbitrary()?),
            kind => Self::Request {
                foreign: kind == 2,
                skip: if kind == 3 { u.arbitrary()? } else { 0 },
                ask: u.arbitrary()?,
            },
        })
    }
}

/// Plays an input.
pub fn run(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    let pieces = if mode & 1 == 0 { recorded(rest) } else { Unstructured::new(rest).arbitrary().unwrap_or_default() };
    if mode & 2 == 0 { play::<Mixed>(&pieces) } else { play::<Alone>(&pieces) }
}

/// Pieces one after the other: a length, of which the highest bit is set for bytes without a frame, and the bytes.
fn recorded(mut data: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let (bytes, rest) = rest.split_at(usize::from(length & 0x7f).min(rest.len()));
        pieces.push(if length & 0x80 == 0 { Piece::Frame(bytes.into()) } else { Piece::Wire(bytes.into()) });
        data = rest;
    }
    pieces
}

/// A node, and what its host knows.
pub struct Game<M: Network> {
    node: Box<Node<M>>,
    sequence: u16,
    network: u32,
    staged: Vec<f32>,
    values: Vec<u8>,
    /// Frames that have come.
    pub frames: u64,
    /// Steps that have changed the weights.
    pub steps: u64,
}

const SESSION: u32 = 7;

impl<M: Network> Game<M> {
    /// A node that has been greeted.
    #[allow(clippy::new_without_default, reason = "it greets")]
    pub fn new() -> Self {
        let mut node = Box::new(Node::ZERO);
        node.init("fuzzed", ResetCause::Power, 0);
        let network = fingerprint(&*Box::new(M::ZERO));
        let mut game =
            Self { node, sequence: 0, network, staged: vec![0.0; M::COUNT], values: Vec::new(), frames: 0, steps: 0 };
        game.ask(SESSION, &Request::Hello { version: VERSION, network });
        game
    }

    /// Sends a piece.
    pub fn send(&mut self, piece: &Piece) {
        match piece {
            Piece::Request { foreign, skip, ask } => {
                self.stage(ask);
                let mut values = std::mem::take(&mut self.values);
                self.sequence = self.sequence.wrapping_add(u16::from(*skip));
                let request = ask.request(self.network, crc32_of(&self.staged), &mut values);
                self.ask(SESSION + u32::from(*foreign), &request);
                self.values = values;
            }
            Piece::Frame(content) => {
                self.sequence = self.sequence.wrapping_add(1);
                let frame = Frame { session: SESSION, sequence: self.sequence, message: Raw(content) };
                let mut room = [0; 400];
                if let Ok(bytes) = encode(&frame, &mut room) {
                    self.wire(bytes);
                }
            }
            Piece::Wire(bytes) => self.wire(bytes),
        }
    }

    /// Keeps what a right checksum is made of.
    fn stage(&mut self, ask: &Ask) {
        if let Ask::Write { what, offset, values } = ask
            && what % 4 == 3
        {
            let places = self.staged.iter_mut().skip(usize::from(offset % WEIGHTS));
            places.zip(values.iter().take(64)).for_each(|(staged, value)| *staged = value.0);
        }
    }

    fn ask(&mut self, session: u32, request: &Request) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut room = [0; REQUEST];
        let frame = Frame { session, sequence: self.sequence, message: request };
        let bytes = encode(&frame, &mut room).expect("it is as long as a request may be");
        self.wire(bytes);
    }

    fn wire(&mut self, mut bytes: &[u8]) {
        while self.node.receive(&mut bytes).is_ok() {
            self.frames += 1;
            self.answer();
        }
    }

    fn answer(&mut self) -> usize {
        let reply = self.node.handle(&mut |_| Err(Refusal::NoStore));
        let mut sent = [0; REPLY];
        let mut room = &mut sent[..];
        self.node.send(reply, &mut room).expect("an answer is as long as it may be");
        let length = REPLY - room.len();
        if length > 0 {
            let is_step = |answer: Answer| matches!(answer, Answer::Step(report) if report.applied);
            self.steps += u64::from(read(&sent[..length], is_step));
        }
        length
    }

    /// Greets the node anew and reads all weights.
    pub fn check(&mut self) {
        let session = SESSION + 100;
        self.node.receive(&mut &[0_u8, 0, 1, 0][..]).ok();
        self.ask(session, &Request::Hello { version: VERSION, network: self.network });
        for offset in (0..M::COUNT).step_by(32) {
            let count = (M::COUNT - offset).min(32) as u16;
            self.sequence = self.sequence.wrapping_add(1);
            let request = Request::Read { what: Readable::Weights, offset: offset as u32, count };
            let mut room = [0; REQUEST];
            let frame = Frame { session, sequence: self.sequence, message: request };
            let bytes = encode(&frame, &mut room).expect("it is short");
            self.node.receive(&mut &*bytes).expect("it is whole");
            let reply = self.node.handle(&mut |_| Err(Refusal::NoStore));
            let mut sent = [0; REPLY];
            self.node.send(reply, &mut &mut sent[..]).expect("an answer is as long as it may be");
            read(&sent, |answer| match answer {
                Answer::Values(values) => {
                    let finite = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes).is_finite();
                    assert!(values.as_chunks().0.iter().all(finite), "a weight is not finite");
                }
                other => panic!("weights cannot be read: {other:?}"),
            });
        }
    }
}

/// Reads the first frame.
fn read<R>(bytes: &[u8], look: impl FnOnce(Answer) -> R) -> R {
    let (mut receiver, mut buffer) = (Receiver::EMPTY, [0; REPLY]);
    receiver.receive(&mut &*bytes, &mut buffer).expect("it ends").expect("it is not damaged");
    look(receiver.message::<Answer>(&buffer).expect("it is an answer").message)
}

fn play<M: Network>(pieces: &[Piece]) {
    let mut game = Game::<M>::new();
    pieces.iter().for_each(|piece| game.send(piece));
    game.check();
}

/// Bytes that stand as they are.
struct Raw<'a>(&'a [u8]);

impl serde::Serialize for Raw<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeTuple as _;
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|byte| tuple.serialize_element(byte))?;
        tuple.end()
    }
}
