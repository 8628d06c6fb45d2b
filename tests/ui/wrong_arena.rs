//~ the arena has another length than the model needs: write `Trainer<Net, .., [f32; Net::ARENA]>`
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::loss::CrossEntropy;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

static TRAINER: Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; 1000]> = Trainer::ZERO;

fn main() {
    let _ = TRAINER.steps();
}
