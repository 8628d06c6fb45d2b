//! A host and a board whose line loses, changes or doubles a byte or is cut, at every place: the run ends as on a good line, and the
//! bytes are the same whether the line blocks, is waited for by tasks, or is none at all.
#![cfg(feature = "async")]

mod blocking;
mod direct;
mod tasks;
mod wire;

use std::cell::RefCell;

use blocking::blocking;
use direct::direct;
use tasks::asynchronous;
use trainlet::checkpoint::Keep;
use trainlet::link::message::{Refusal, ResetCause, Saved, Settings};
use trainlet::link::node::Node;
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
        use trainlet::core::checksum::crc32_of;
        use trainlet::core::params::Params as _;
        use trainlet::core::rng::{Key, Purpose};
        use trainlet::link::message::{Readable, Writable, fingerprint};

        let mut weights = $crate::Small::ZERO;
        weights.init(Key::new(100, Purpose::Init));
        let mut flat = Vec::new();
        weights.read(&mut |_, values| flat.extend_from_slice(values));
        let mut results = vec![format!("{:?}", $client.hello(fingerprint(&weights))$(.$wait)?.unwrap())];
        $client.start(9, $crate::SETTINGS)$(.$wait)?.unwrap();
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
use run;

/// The node without any line.
fn serve(node: &mut Node<Small>, wire: &mut Wire) {
    while let Some(byte) = wire.receive(Way::ToBoard) {
        if node.take(byte) {
            let reply = node.handle(&mut no_store);
            wire.send(Way::ToHost, node.bytes(reply));
        }
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
