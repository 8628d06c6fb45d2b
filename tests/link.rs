//! A host and a board whose line loses, changes or doubles a byte or is cut, at every place: the run ends as on a good line, and the
//! bytes are the same whether the line blocks, is waited for by tasks, or is none at all.
#![cfg(feature = "async")]

mod wire;

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use embassy_futures::block_on;
use embassy_futures::select::{Either, select};
use embassy_futures::yield_now;
use embedded_io::{ErrorKind, ErrorType};
use trainlet::checkpoint::Keep;
use trainlet::core::checksum::crc32_of;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::link::client::{AsyncClient, Client, Error, Exchange, LIMIT, Next};
use trainlet::link::frame::Receiver;
use trainlet::link::line::LineError;
use trainlet::link::message::{Readable, Refusal, Request, ResetCause, Saved, Settings, Writable, fingerprint};
use trainlet::link::node::{Node, REQUEST};
use trainlet::nn::block::MixerBlock;
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{CrossEntropy, LossOptions};
use trainlet::nn::net::Net;
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{AdamConfig, Schedule};
use wire::{Damage, FAULTS, Way, Wire};

trainlet::network! {
    /// Small, since each byte is damaged in turn.
    pub Small = Net<2, 3, PatchEmbedding<2, 2, 1, 3>, [MixerBlock<2, 3, 2, 4>; 1], MeanHead<3, 3>>;
    "small", CrossEntropy, "two tokens"
}

const SETTINGS: Settings = Settings {
    seed: 3,
    loss: LossOptions { label_smoothing: None, pos_weight: None },
    adam: AdamConfig::adam(),
    schedule: Schedule::constant(1e-2),
    clip: None,
    dropout: Dropout { p: 0.0 },
    stochastic_depth: StochasticDepth { p: 0.0 },
};

/// What came of a run: how it ended, the bytes, and how many requests were sent again.
struct Outcome {
    results: Vec<String>,
    wire: Wire,
    repeats: u64,
}

fn node() -> Box<Node<Small>> {
    let mut node = Box::new(Node::ZERO);
    node.init("fake", ResetCause::Power, 5);
    node
}

fn no_store(_: Keep) -> Result<Saved, Refusal> {
    Err(Refusal::NoStore)
}

/// A run of one step, and a request of every kind but that for the budget, which depends on the processor.
macro_rules! run {
    ($client:ident $(. $wait:ident)?) => {{
        let mut weights = Small::ZERO;
        weights.init(Key::new(100, Purpose::Init));
        let mut flat = Vec::new();
        weights.read(&mut |_, values| flat.extend_from_slice(values));
        let mut results = vec![format!("{:?}", $client.hello(fingerprint(&weights))$(.$wait)?.unwrap())];
        $client.start(9, SETTINGS)$(.$wait)?.unwrap();
        $client.write(Writable::Weights, &flat)$(.$wait)?.unwrap();
        $client.commit(crc32_of(&flat))$(.$wait)?.unwrap();
        $client.write(Writable::Mean, &[0.5; 4])$(.$wait)?.unwrap();
        $client.write(Writable::Deviation, &[2.0; 4])$(.$wait)?.unwrap();
        for label in [2.0, 0.0] {
            $client.write(Writable::Sample, &[0.25 + label, -1.0, 3.0, label])$(.$wait)?.unwrap();
            results.push(format!("{:?}", $client.accumulate(&[label], 0.5)$(.$wait)?.unwrap()));
        }
        results.push(format!("{:?}", $client.step()$(.$wait)?.unwrap()));
        let mut outputs = [0.0; 3];
        $client.predict(&mut outputs)$(.$wait)?.unwrap();
        results.push(format!("{outputs:?} {}", $client.evaluate(&[1.0])$(.$wait)?.unwrap()));
        $client.read(Readable::Weights, &mut flat)$(.$wait)?.unwrap();
        results.push(format!("{:08x} {flat:?}", $client.checksum()$(.$wait)?.unwrap()));
        results.push(format!("{:?}", $client.status()$(.$wait)?.unwrap()));
        results.push(format!("{:?}", $client.save()$(.$wait)?.unwrap_err()));
        results.push(format!("{:?}", $client.commit(5)$(.$wait)?.unwrap_err()));
        results
    }};
}

/// On a line that blocks, at whose other end the node is given byte by byte.
fn blocking(damage: Option<Damage>) -> Outcome {
    let wire = Rc::new(RefCell::new(Wire::new(damage)));
    let mut client = Client::new(Blocking { wire: wire.clone(), node: node() }, |line| line.wire.borrow().now, 7);
    let results = run!(client);
    Outcome { results, repeats: client.repeats(), wire: wire.take() }
}

struct Blocking {
    wire: Rc<RefCell<Wire>>,
    node: Box<Node<Small>>,
}

impl ErrorType for Blocking {
    type Error = ErrorKind;
}

impl embedded_io::Read for Blocking {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        buffer[0] = self.wire.borrow_mut().at_host().ok_or(ErrorKind::TimedOut)?;
        Ok(1)
    }
}

impl embedded_io::Write for Blocking {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let mut wire = self.wire.borrow_mut();
        wire.send(Way::ToBoard, bytes);
        serve(&mut self.node, &mut wire);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// The node without any line.
fn serve(node: &mut Node<Small>, wire: &mut Wire) {
    while let Some(byte) = wire.receive(Way::ToBoard) {
        if node.take(byte) {
            let reply = node.handle(&mut no_store);
            wire.send(Way::ToHost, node.bytes(reply));
        }
    }
}

/// Two tasks on an executor.
fn asynchronous(damage: Option<Damage>) -> Outcome {
    let wire = Rc::new(RefCell::new(Wire::new(damage)));
    let mut client = AsyncClient::new(HostEnd(wire.clone()), |line| line.0.borrow().now, 7);
    let Either::Second(results) = block_on(select(board(wire.clone()), async { run!(client.await) })) else {
        unreachable!("the board waits for requests")
    };
    Outcome { results, repeats: client.repeats(), wire: wire.take() }
}

async fn board(wire: Rc<RefCell<Wire>>) {
    let (mut node, mut line) = (node(), BoardEnd(wire));
    loop {
        node.receive_async(&mut line).await.unwrap();
        let reply = node.handle(&mut no_store);
        node.send_async(reply, &mut line).await.unwrap();
    }
}

struct BoardEnd(Rc<RefCell<Wire>>);
struct HostEnd(Rc<RefCell<Wire>>);

impl ErrorType for BoardEnd {
    type Error = Infallible;
}

impl ErrorType for HostEnd {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for BoardEnd {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        loop {
            let byte = self.0.borrow_mut().receive(Way::ToBoard);
            self.0.borrow_mut().is_idle = byte.is_none();
            if let Some(byte) = byte {
                buffer[0] = byte;
                return Ok(1);
            }
            yield_now().await;
        }
    }
}

impl embedded_io_async::Read for HostEnd {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let has_come = |wire: &Wire| !wire.is_empty(Way::ToHost);
        let is_over = |wire: &Wire| wire.is_idle && wire.is_empty(Way::ToBoard);
        while !has_come(&self.0.borrow()) && !is_over(&self.0.borrow()) {
            yield_now().await;
        }
        buffer[0] = self.0.borrow_mut().at_host().ok_or(ErrorKind::TimedOut)?;
        Ok(1)
    }
}

/// A few bytes at a time.
async fn write(wire: &RefCell<Wire>, way: Way, bytes: &[u8]) -> usize {
    yield_now().await;
    let count = bytes.len().min(7);
    wire.borrow_mut().send(way, &bytes[..count]);
    count
}

impl embedded_io_async::Write for BoardEnd {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(write(&self.0, Way::ToHost, bytes).await)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Write for HostEnd {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(write(&self.0, Way::ToBoard, bytes).await)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// The frames of `requests`, asked and answered without any line.
fn direct(requests: &[u8], damage: Option<Damage>) -> Outcome {
    let mut wire = Wire::new(damage);
    let (mut node, mut exchange, mut results) = (node(), Exchange::new(7, LIMIT), Vec::new());
    let (mut receiver, mut buffer) = (Receiver::EMPTY, [0; REQUEST]);
    for byte in requests {
        if let Some(frame) = receiver.take(*byte, &mut buffer) {
            frame.unwrap();
            let request = receiver.message::<Request>(&buffer).unwrap().message;
            results.push(ask(&request, &mut exchange, &mut node, &mut wire));
        }
    }
    Outcome { results, repeats: exchange.repeats(), wire }
}

fn ask(request: &Request, exchange: &mut Exchange, node: &mut Node<Small>, wire: &mut Wire) -> String {
    let mut next = exchange.begin::<Infallible>(request, 60, wire.now);
    loop {
        next = match next {
            Ok(Next::Send) => {
                wire.send(Way::ToBoard, exchange.bytes());
                serve(node, wire);
                Ok(Next::Receive)
            }
            Ok(Next::Receive) => match wire.at_host() {
                Some(byte) => exchange.on_byte(byte, wire.now),
                None => exchange.on_timeout(wire.now),
            },
            Ok(Next::Done) => return format!("{:?}", exchange.answer::<Infallible>()),
            Err(error) => panic!("{request:?}: {error:?}"),
        };
    }
}

/// Runs with a fault of each kind at each byte that `clean` sent.
fn damaged(clean: &Wire, run: impl Fn(Damage)) {
    for way in [Way::ToBoard, Way::ToHost] {
        for place in 0..clean.sent(way).len() {
            FAULTS.into_iter().for_each(|fault| run(Damage { way, place, fault }));
        }
    }
}

/// As version 6 of the messages has sent them since before there was more than one kind of line.
#[test]
fn the_bytes_on_the_line_are_those_of_ever() {
    let outcomes = [blocking(None), asynchronous(None)];
    let requests = outcomes[0].wire.sent(Way::ToBoard);
    for Outcome { wire, repeats, .. } in outcomes.iter().chain([&direct(&requests, None)]) {
        let bytes: Vec<_> = wire.log.iter().map(|(_, byte)| *byte).collect();
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes);
        assert_eq!((bytes.len(), crc, *repeats), (1272, 0xb0ab_97b5, 0));
    }
}

#[test]
fn a_fault_at_any_byte_leaves_no_trace_and_no_difference_between_the_lines() {
    let clean = blocking(None);
    damaged(&clean.wire, |damage| {
        let [blocking, asynchronous] = [blocking(Some(damage)), asynchronous(Some(damage))];
        assert_eq!(blocking.results, clean.results, "{damage:?}");
        assert_eq!(asynchronous.results, clean.results, "{damage:?}");
        for way in [Way::ToBoard, Way::ToHost] {
            assert_eq!(blocking.wire.sent(way), asynchronous.wire.sent(way), "{damage:?}");
        }
        assert_eq!(blocking.repeats, asynchronous.repeats, "{damage:?}");
    });
}

#[test]
fn a_fault_at_any_byte_leaves_no_trace_without_a_line() {
    let requests = blocking(None).wire.sent(Way::ToBoard);
    let clean = direct(&requests, None);
    let repeated = RefCell::new(0);
    damaged(&clean.wire, |damage| {
        let Outcome { results, repeats, .. } = direct(&requests, Some(damage));
        assert_eq!(results, clean.results, "{damage:?}");
        *repeated.borrow_mut() += u32::from(repeats > 0);
    });
    // A zero that comes twice does no harm, nor one that comes later.
    let places = clean.wire.log.len() as u32;
    assert!((places * 37 / 10..places * 4).contains(&repeated.take()), "of {places} places");
}

/// A task that waits for a request may be dropped at any byte, as `select` does.
#[test]
fn what_is_dropped_while_it_waits_loses_no_byte() {
    let requests = blocking(None).wire.sent(Way::ToBoard);
    let wire = Rc::new(RefCell::new(Wire::default()));
    let (mut node, mut line) = (node(), BoardEnd(wire.clone()));
    for byte in &requests {
        wire.borrow_mut().send(Way::ToBoard, &[*byte]);
        if let Either::First(received) = block_on(select(node.receive_async(&mut line), yield_now())) {
            received.unwrap();
            let reply = node.handle(&mut no_store);
            block_on(node.send_async(reply, &mut line)).unwrap();
        }
    }
    assert_eq!(wire.borrow().sent(Way::ToHost), blocking(None).wire.sent(Way::ToHost));
}

/// So may a request, and the next one is answered.
#[test]
fn a_request_that_is_dropped_does_not_disturb_the_next_one() {
    let network = fingerprint(&Small::ZERO);
    for turns in 0..60 {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let mut client = AsyncClient::new(HostEnd(wire.clone()), |line| line.0.borrow().now, 7);
        let host = async {
            client.hello(network).await.unwrap();
            let patience = async {
                for _ in 0..turns {
                    yield_now().await;
                }
            };
            select(client.start(9, SETTINGS), patience).await;
            client.start(10, SETTINGS).await.unwrap();
            assert_eq!(client.status().await.unwrap().run, 10, "after {turns} turns");
        };
        assert!(matches!(block_on(select(board(wire.clone()), host)), Either::Second(())));
    }
}

/// Ends at once, or takes nothing.
struct Broken {
    takes: bool,
}

impl ErrorType for Broken {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for Broken {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, ErrorKind> {
        Ok(0)
    }
}

impl embedded_io_async::Write for Broken {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(if self.takes { bytes.len() } else { 0 })
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

#[test]
fn a_line_that_has_gone_or_takes_nothing_is_an_error() {
    for (takes, expected) in [(true, LineError::Ended), (false, LineError::Blocked)] {
        let mut client = AsyncClient::new(Broken { takes }, |_| Duration::ZERO, 7);
        assert_eq!(block_on(client.status()), Err(Error::Line(expected)));
    }
    assert_eq!(block_on(node().receive_async(&mut Broken { takes: true })), Err(LineError::Ended));
}
