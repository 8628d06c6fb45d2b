//! The windows of a new subject and of the others, and what is done with them.

use std::convert::Infallible;
use std::str::FromStr;

use serde::Serialize;
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Replay;

use super::fit::{Fit, accuracy};
use super::{Adapted, Args, Method};
use crate::board::Place;
use crate::board::adaptation::Adaptation;
use crate::data::Dataset;
use crate::data::preprocessing::Prepared;
use crate::data::watch::{self, EXERCISES, People, Recording, Split, Window};
use crate::networks::Network;
use crate::networks::tree::Weights;
use crate::run;

/// All subjects.
pub const EVERYBODY: [u32; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/// Some of the subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects(Vec<u32>);

impl Subjects {
    /// Their numbers.
    pub fn numbers(&self) -> &[u32] {
        &self.0
    }
}

impl FromStr for Subjects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self(EVERYBODY.into()));
        }
        let number = |text: &str| text.parse().ok().filter(|number| EVERYBODY.contains(number));
        let numbers: Option<Vec<u32>> = text.split(',').map(number).collect();
        numbers.map(Self).ok_or_else(|| "write `all`, or numbers from 1 to 10 with commas between them".into())
    }
}

/// Labelled windows of each recording; `None` for all of its first half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels(pub Option<usize>);

impl FromStr for Labels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self(None));
        }
        let count = text.parse().ok().filter(|count| *count > 0);
        count.map(|count| Self(Some(count))).ok_or_else(|| "write `all`, or a number above 0".into())
    }
}

/// What adapts beside this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// Nothing.
    Desktop,
    /// An emulated board, with the program `adapt`.
    Qemu,
    /// A board with the program `node`, at this serial port.
    Port(String),
}

impl FromStr for Device {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "desktop" => Self::Desktop,
            "qemu" => Self::Qemu,
            port => Self::Port(port.into()),
        })
    }
}

/// Accuracies before and after an adaptation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Accuracies {
    /// On the new subject, before.
    pub before: f32,
    /// On the new subject, after.
    pub after: f32,
    /// On the others, before.
    pub others_before: f32,
    /// On the others, after.
    pub others_after: f32,
}

/// A new subject, and a network that was trained on the others.
pub struct Person<'a> {
    args: &'a Args,
    network: &'static Network,
    subject: u32,
    people: People,
    split: Split,
    others: Dataset,
    /// Windows of the others that are kept.
    replayed: Vec<(u32, Window)>,
    pretrained: Weights,
    before: [f32; 2],
}

/// The most windows that are replayed.
const REPLAYED: usize = 2048;

impl<'a> Person<'a> {
    /// Trains on the others.
    pub fn new(args: &'a Args, network: &'static Network, subject: u32) -> Result<Self, run::Error> {
        let people = watch::people(&[subject])?;
        let early = watch::windows(people.others(), Recording::early);
        let scaler = watch::fit(early.iter().map(|(_, window)| *window));
        let of = |windows: &[(u32, Window)]| watch::of_windows(windows, &scaler);
        let [test, others] = [people, people.others()].map(|people| of(&watch::windows(people, Recording::late)));
        let split = Split { train: of(&early), test, scaler };
        let pretraining = args.pretraining();
        let prepared = Prepared::of_watch(split.clone());
        network.check(&prepared.train)?;
        let fit = Fit::new(&pretraining, network, &prepared)?;
        let pretrained = fit.on_desktop(None)?;
        let before = [&split.test, &others].map(|set| accuracy(network, &pretrained, set));
        let replayed = kept(&early, args.replay as usize, args.seed);
        Ok(Self { args, network, subject, people, split, others, replayed, pretrained, before })
    }

    /// Adapts, from as many windows of each recording.
    pub fn adapt(&self, Labels(labels): Labels) -> Result<Adapted, run::Error> {
        let Self { args, network, split, pretrained, .. } = self;
        let part = |recording: &Recording| {
            let early = recording.early();
            early.start..early.end.min(early.start + labels.unwrap_or(usize::MAX))
        };
        let labelled = watch::windows(self.people, part);
        let windows = labelled.len();
        let all = [labelled, self.replayed.clone()].concat();
        let train = watch::of_windows(&all, &split.scaler);
        let prepared = Prepared::of_watch(Split { train, ..split.clone() });
        let adaptation = args.adaptation();
        let fit = Fit::new(&adaptation, network, &prepared)?;
        let start = (args.method != Method::Scratch).then_some(pretrained);
        let weights = fit.on_desktop(start)?;
        let board = match &args.on {
            Device::Desktop => None,
            Device::Qemu => Some(self.adaptation(Labels(labels)).emulate()?),
            Device::Port(port) => Some(fit.on_board(&Place::port(port), start)?),
        };
        let (board_crc32, board_seconds) = board.map(|board| (board.weights_crc32, board.seconds)).unzip();
        let board_ram = board.and_then(|board| board.ram);
        let [before, others_before] = self.before;
        let [after, others_after] = [&split.test, &self.others].map(|set| accuracy(network, &weights, set));
        let accuracies = Accuracies { before, after, others_before, others_after };
        let (subject, weights_crc32) = (self.subject, weights.crc32());
        Ok(Adapted { subject, windows, accuracies, weights_crc32, board_crc32, board_seconds, board_ram })
    }

    /// What the program `adapt` is built from.
    pub fn adaptation(&self, Labels(labels): Labels) -> Adaptation<'_> {
        let options = self.args.adaptation();
        Adaptation {
            subject: self.subject,
            labels,
            seed: options.seed,
            epochs: options.epochs,
            batch: options.batch,
            rate: options.rate.lr,
            replayed: self.replayed.iter().map(|(_, window)| *window).collect(),
            weights: &self.pretrained.values,
        }
    }
}

/// Some of the windows of a stream, as a device would keep them.
fn kept(stream: &[(u32, Window)], count: usize, seed: u64) -> Vec<(u32, Window)> {
    let Some(empty) = stream.first() else { return Vec::new() };
    let key = Key::new(seed, Purpose::Replay);
    let mut replay = Box::new(Replay::<(u32, Window), REPLAYED, { EXERCISES.len() }>::new(*empty).limited_to(count));
    stream.iter().for_each(|window| _ = replay.offer(*window, window.1.label, key));
    replay.iter().map(|(window, _)| *window).collect()
}
