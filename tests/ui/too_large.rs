//~ bytes of RAM more than there are: let the blocks recompute
use trainlet::core::budget::assert_fits;
use trainlet::core::params::Params;
use trainlet::networks::Watch16x2 as Net;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

type WatchTrainer = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>;

const _: () = assert_fits(WatchTrainer::BUDGET.total + 2048, 32 * 1024);

fn main() {}
