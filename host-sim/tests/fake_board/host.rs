//! A host that asks for one thing at a time.

use host_sim::board::line::Line;
use trainlet::core::params::Params;
use trainlet::link::client::{self, Client};
use trainlet::link::message::{Refusal, Settings, fingerprint};
use trainlet::networks::Watch12x1;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::LossOptions;
use trainlet::optim::{AdamConfig, Schedule};

use super::{FakeBoard, NONE};

/// Settings of a run.
pub const SETTINGS: Settings = Settings {
    seed: 3,
    loss: LossOptions { label_smoothing: None, pos_weight: None },
    adam: AdamConfig::adam(),
    schedule: Schedule::constant(1e-2),
    clip: None,
    dropout: Dropout { p: 0.0 },
    stochastic_depth: StochasticDepth { p: 0.0 },
};

/// A session on a good line.
pub fn greeted(board: &FakeBoard, session: u32) -> Client<Line> {
    let mut client = Client::new(board.line(NONE), Line::age, session);
    let network = fingerprint(&Watch12x1::ZERO);
    let identity = client.hello(network).unwrap();
    assert_eq!((identity.board, identity.network, identity.fingerprint), ("fake", "watch-12x1", network));
    client
}

/// Why a request was refused.
pub fn refusal<T>(result: Result<T, client::Error<std::io::Error>>) -> Refusal {
    match result {
        Err(client::Error::Refused(refusal)) => refusal,
        _ => panic!("not refused"),
    }
}
