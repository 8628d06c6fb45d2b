//~ the optimiser's state has another length than the model needs: write `Adam<[f32; Net::TRAINABLE]>`
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

static TRAINER: Trainer<Net, CrossEntropy, Adam<[f32; 1000]>, [f32; Net::ARENA]> = Trainer::ZERO;

fn main() {
    let _ = TRAINER.steps();
}
