//~ works on one sample at a time
//~ a micro-batch is for `Net<1, C, DenseStem<..>, (), DenseHead<..>>`
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1;
use trainlet::nn::micro_batch::MicroBatch;

static NET: MicroBatch<Watch12x1, 4> = Params::ZERO;

fn main() {
    let _ = &NET;
}
