//~ clipping needs the norm of the whole gradient, which an online trainer never has
//~ leave `.clipped(..)` out, or use `Trainer`
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::{Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Online};

fn main() {
    let mut trainer = Online::<Net, CrossEntropy, Sgd, [f32; Net::ONLINE_ARENA]>::ZERO;
    let config = Config::new(1, CrossEntropy::new(), SgdConfig::default(), Schedule::constant(0.1));
    trainer.init(config.clipped(1.0));
}
