//! What firmware would do: predict with weights in flash.
#![no_std]
#![forbid(unsafe_code)]
#![deny(warnings)]

pub mod tilt;
pub mod tilt_in_bytes;
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
type Small = Predictor<'static, tilt_in_bytes::Network, <tilt_in_bytes::Network as trainlet::networks::Network>::Infer>;
const _: () = assert!(size_of::<tilt_in_bytes::Network>() < size_of::<tilt::Network>() * 2 / 3);

/// The angles for a row, in degrees.
pub fn angles(row: &tilt::Row) -> Option<[f32; tilt::VALUES.len()]> {
    Some(tilt::values(&Angles::new(&tilt::WEIGHTS).predict(&tilt::inputs(row)?)))
}

/// The same from weights in bytes.
pub fn angles_from_bytes(row: &tilt::Row) -> Option<[f32; tilt::VALUES.len()]> {
    Some(tilt::values(&Small::new(&tilt_in_bytes::WEIGHTS).predict(&tilt::inputs(row)?)))
}

/// The network's name.
pub const NAME: &str = Network::NAME;
