use trainlet::micro_batch::MicroBatch;
use trainlet::networks::Watch12x1;
use trainlet::params::Params;

static NET: MicroBatch<Watch12x1, 4> = Params::ZERO;

fn main() {
    let _ = &NET;
}
