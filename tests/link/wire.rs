//! A line in memory, one byte of which is lost, changed or doubled, or at which it is cut.

use std::collections::VecDeque;
use std::time::Duration;

pub const FAULTS: [Fault; 4] = [Fault::Lost, Fault::Flipped, Fault::Doubled, Fault::Cut];

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    Lost,
    Flipped,
    Doubled,
    /// Nothing more comes until the host has waited.
    Cut,
}

/// Where a byte goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    ToBoard,
    ToHost,
}

/// What happens to byte number `place` of those that are sent in a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damage {
    pub way: Way,
    pub place: usize,
    pub fault: Fault,
}

/// Both ways of a line.
#[derive(Default)]
pub struct Wire {
    damage: Option<Damage>,
    is_cut: [bool; 2],
    coming: [VecDeque<u8>; 2],
    /// What was sent.
    pub log: Vec<(Way, u8)>,
    pub now: Duration,
    /// The board has nothing to do.
    pub is_idle: bool,
}

impl Wire {
    pub fn new(damage: Option<Damage>) -> Self {
        Self { damage, ..Self::default() }
    }

    pub fn sent(&self, way: Way) -> Vec<u8> {
        self.log.iter().filter(|(to, _)| *to == way).map(|(_, byte)| *byte).collect()
    }

    pub fn send(&mut self, way: Way, bytes: &[u8]) {
        for (place, byte) in (self.sent(way).len()..).zip(bytes) {
            let fault = self.damage.filter(|damage| (damage.way, damage.place) == (way, place));
            self.is_cut[way as usize] |= fault.is_some_and(|damage| damage.fault == Fault::Cut);
            let coming = &mut self.coming[way as usize];
            match fault.map(|damage| damage.fault) {
                _ if self.is_cut[way as usize] => {}
                Some(Fault::Lost) => {}
                Some(Fault::Flipped) => coming.push_back(byte ^ (1 << (place % 8))),
                Some(Fault::Doubled) => coming.extend([*byte; 2]),
                _ => coming.push_back(*byte),
            }
            self.log.push((way, *byte));
        }
    }

    pub fn receive(&mut self, way: Way) -> Option<u8> {
        self.coming[way as usize].pop_front()
    }

    /// Whether nothing is on its way.
    pub fn is_empty(&self, way: Way) -> bool {
        self.coming[way as usize].is_empty()
    }

    /// What comes to the host, which takes its time. Once it has waited in vain the line is whole again.
    pub fn at_host(&mut self) -> Option<u8> {
        self.now += Duration::from_millis(1);
        let byte = self.receive(Way::ToHost);
        if byte.is_none() {
            self.is_cut = [false; 2];
        }
        byte
    }
}
