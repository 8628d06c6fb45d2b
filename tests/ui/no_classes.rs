//~ a classifier needs a class: write 1 or more for K
//~ a histogram needs a bin: write 1 or more for BINS
//~ there is nothing to fit: write 1 or more for F
//~ there is no room for a category: write 1 or more for CAP
use trainlet::data::{Categories, ScalerFit};
use trainlet::metrics::{Auc, Metrics};

static METRICS: Metrics<0> = Metrics::ZERO;
static AREA: Auc<0> = Auc::ZERO;
static FIT: ScalerFit<0> = ScalerFit::ZERO;
static CATEGORIES: Categories<0> = Categories::new();

fn main() {}
