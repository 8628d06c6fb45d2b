use trainlet::nn::loss::CrossEntropy;
use trainlet::networks::Watch12x1 as Net;
use trainlet::optim::Adam;
use trainlet::core::params::Params;
use trainlet::train::Trainer;

static TRAINER: Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; 1000]> = Trainer::ZERO;

fn main() {
    let _ = TRAINER.steps();
}
