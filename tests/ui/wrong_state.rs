use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::networks::Watch12x1 as Net;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

static TRAINER: Trainer<Net, CrossEntropy, Adam<[f32; 1000]>, [f32; Net::ARENA]> = Trainer::ZERO;

fn main() {
    let _ = TRAINER.steps();
}
