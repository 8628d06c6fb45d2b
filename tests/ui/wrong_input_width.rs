//~ expected an array with a size of 6, found one with a size of 5
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

fn main() {
    let mut trainer = Trainer::<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>::ZERO;
    let window = [[0.0; 5]; 16];
    trainer.predict(&window);
}
