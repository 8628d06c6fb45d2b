use trainlet::budget::assert_fits;
use trainlet::loss::CrossEntropy;
use trainlet::net::Model;
use trainlet::networks::Watch16x2 as Net;
use trainlet::optim::Adam;
use trainlet::params::Params;
use trainlet::train::Trainer;

type WatchTrainer = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINED]>, [f32; Net::ARENA]>;

const _: () = assert_fits(WatchTrainer::BUDGET.total + 2048, 32 * 1024);

fn main() {}
