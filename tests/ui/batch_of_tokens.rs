use trainlet::nn::micro_batch::MicroBatch;
use trainlet::networks::Watch12x1;
use trainlet::core::params::Params;

static NET: MicroBatch<Watch12x1, 4> = Params::ZERO;

fn main() {
    let _ = &NET;
}
