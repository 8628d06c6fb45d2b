//! The network of the library.

use trainlet::networks::Network;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

/// YOUR NETWORK STANDS HERE: one of `trainlet::networks`, or one that `trainlet::network!` or `trainlet::mixer!` makes. `make` writes its sizes
/// into the header.
pub type Net = trainlet::networks::Watch12x1;

/// What learns.
pub type Learner = Trainer<Net, Loss, Adam<<Net as Network>::F32>, <Net as Network>::Arena>;
/// The loss that goes with the network.
pub type Loss = <Net as Network>::Loss;
