//! The decoder and the host's end of the link against arbitrary bytes: neither may panic, and each request must end.

use std::collections::VecDeque;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use embedded_io::{ErrorKind, ErrorType, Read, Write};
use trainlet::link::client::{Client, LIMIT};
use trainlet::link::frame::{Frame, Receiver, encode};
use trainlet::link::message::{Answer, Identity, Readable, Refusal, Request, ResetCause, Status, Writable};
use trainlet::link::node::{REPLY, REQUEST};
use trainlet::train::StepReport;

use crate::ask::{Number, Run};

/// What a line brings.
#[derive(Clone, Debug, Arbitrary)]
enum Event {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A frame with this answer to the last request, or to another one.
    Answer { foreign: bool, late: bool, answer: Reply },
    /// What was sent.
    Echo,
    /// Nothing for a while.
    Silence,
    /// No more.
    End,
}

#[derive(Clone, Debug, Arbitrary)]
enum Reply {
    Damaged,
    Refused(u8),
    Done,
    Hello(String),
    Status(u32, u64),
    Values(Vec<u8>),
    /// As many as were asked for.
    Right,
    Loss(Number),
    Step(Number, bool),
    Checksum(u32),
}

/// What a host asks for.
#[derive(Clone, Debug, Arbitrary)]
enum Call {
    Hello,
    Status,
    Budget,
    Start(Box<Run>),
    Write(u8),
    Read(u8),
    Commit,
    Accumulate(Number),
    Step,
    Evaluate,
    Predict,
    Checksum,
}

/// Plays an input.
pub fn run(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    decode(rest);
    let (events, calls) = if mode & 1 == 0 {
        let calls = [Call::Hello, Call::Status, Call::Write(96), Call::Predict, Call::Read(70), Call::Checksum];
        (vec![Event::Bytes(rest.into())], calls.to_vec())
    } else {
        Unstructured::new(rest).arbitrary().unwrap_or_default()
    };
    let line = Line { events: events.into(), sent: Vec::new(), pending: VecDeque::new(), now: Duration::ZERO };
    let mut client = Client::new(line, |line| line.now, 7);
    for call in calls.into_iter().take(20) {
        ask(&mut client, call);
    }
}

/// Everything that comes of the bytes, as either end reads them.
fn decode(data: &[u8]) {
    let (mut receiver, mut buffer) = (Receiver::EMPTY, [0; REQUEST]);
    let mut line = data;
    while let Ok(frame) = receiver.receive(&mut line, &mut buffer) {
        if frame.is_ok() {
            let _ = receiver.message::<Request>(&buffer);
            let _ = receiver.message::<Answer>(&buffer);
        }
    }
}

fn ask(client: &mut Client<Line>, call: Call) {
    let mut values = [0.5; 255];
    let room = |values: &mut [f32; 255], count: u8| values[..usize::from(count)].to_vec();
    match call {
        Call::Hello => drop(client.hello(5).map(|identity| identity.board.len())),
        Call::Status => drop(client.status()),
        Call::Budget => drop(client.budget()),
        Call::Start(run) => drop(client.start(1, run.settings())),
        Call::Write(count) => drop(client.write(Writable::Sample, &room(&mut values, count))),
        Call::Read(count) => drop(client.read(Readable::Weights, &mut values[..usize::from(count)])),
        Call::Commit => drop(client.commit(5)),
        Call::Accumulate(weight) => drop(client.accumulate(&[1.0], weight.0)),
        Call::Step => drop(client.step()),
        Call::Evaluate => drop(client.evaluate(&[1.0])),
        Call::Predict => drop(client.predict(&mut values[..3])),
        Call::Checksum => drop(client.checksum()),
    }
}

struct Line {
    events: VecDeque<Event>,
    /// The last frame.
    sent: Vec<u8>,
    /// Bytes that are on their way to the host.
    pending: VecDeque<u8>,
    now: Duration,
}

impl ErrorType for Line {
    type Error = ErrorKind;
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.now += Duration::from_millis(1);
        while self.pending.is_empty() {
            match self.events.pop_front() {
                Some(Event::Bytes(bytes)) => self.pending.extend(bytes),
                Some(Event::Echo) => self.pending.extend(&self.sent),
                Some(Event::Answer { foreign, late, answer }) => self.answer(foreign, late, &answer),
                Some(Event::End) => return Ok(0),
                Some(Event::Silence) | None => {
                    self.now += LIMIT / 10;
                    return Err(ErrorKind::TimedOut);
                }
            }
        }
        buffer[0] = self.pending.pop_front().expect("it is not empty");
        Ok(1)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if self.sent.last() == Some(&0) {
            self.sent.clear();
        }
        self.sent.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl Line {
    /// Puts a frame on its way.
    fn answer(&mut self, foreign: bool, late: bool, reply: &Reply) {
        let (mut receiver, mut buffer) = (Receiver::EMPTY, [0; REQUEST]);
        let Ok(Ok(())) = receiver.receive(&mut &self.sent[..], &mut buffer) else { return };
        let Ok(request) = receiver.message::<Request>(&buffer) else { return };
        let right = match request.message {
            Request::Read { count, .. } | Request::Predict { count, .. } => usize::from(count),
            _ => 3,
        };
        let values = [0x3e; 4 * 32];
        let message = match reply {
            Reply::Damaged => Answer::Damaged,
            Reply::Refused(number) => Answer::Refused(Refusal::Version(*number)),
            Reply::Done => Answer::Done,
            Reply::Hello(name) => {
                let [board, network, state] = [name; 3];
                Answer::Hello(Identity {
                    board,
                    network,
                    fingerprint: 5,
                    state,
                    reset: ResetCause::Power,
                    ram: 0,
                    write: 64,
                    read: 32,
                })
            }
            Reply::Status(number, micros) => Answer::Status(Status {
                run: *number,
                steps: *number,
                skipped: *number,
                samples: *number,
                busy_micros: *micros,
                saves: *number,
                store_errors: *number,
            }),
            Reply::Values(bytes) => Answer::Values(bytes),
            Reply::Right => Answer::Values(values.get(..4 * right).unwrap_or_default()),
            Reply::Loss(number) => Answer::Loss(number.0),
            Reply::Step(number, applied) => {
                Answer::Step(StepReport { lr: number.0, grad_norm: number.0, applied: *applied })
            }
            Reply::Checksum(checksum) => Answer::Checksum(*checksum),
        };
        let session = request.session ^ u32::from(foreign);
        let sequence = request.sequence.wrapping_sub(u16::from(late));
        if let Ok(bytes) = encode(&Frame { session, sequence, message }, &mut [0; REPLY]) {
            self.pending.extend(&*bytes);
        }
    }
}
