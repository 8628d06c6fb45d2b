//! What firmware would do: predict with weights in flash.
#![no_std]
#![forbid(unsafe_code)]
#![deny(warnings)]

pub mod tilt;
pub mod weights;

use trainlet::networks::Network as _;
use trainlet::nn::loss::classes;
use trainlet::train::Predictor;
use weights::{CLASSES, Network, Row, WEIGHTS, inputs};

/// Nothing of it is a weight.
type Device = Predictor<'static, Network, <Network as trainlet::networks::Network>::Infer>;
const _: () = assert!(size_of::<Device>() < size_of::<Network>() && Device::BUDGET.weights == 0);

/// Name and probabilities of the class of a row.
pub fn predict(row: &Row) -> Option<(&'static str, [f32; CLASSES.len()])> {
    let output = Device::new(&WEIGHTS).predict(&inputs(row)?);
    let name = CLASSES.get(classes::class(&output))?;
    Some((name, core::array::from_fn(|class| classes::probability(&output, class))))
}

type Angles = Predictor<'static, tilt::Network, <tilt::Network as trainlet::networks::Network>::Infer>;

/// The angles for a row, in degrees.
pub fn angles(row: &tilt::Row) -> Option<[f32; tilt::VALUES.len()]> {
    Some(tilt::values(&Angles::new(&tilt::WEIGHTS).predict(&tilt::inputs(row)?)))
}

/// The network's name.
pub const NAME: &str = Network::NAME;
