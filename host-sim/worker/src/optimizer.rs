//! Adam, whose state is chosen at run time, so that a trainer is compiled once per network.

use trainlet::core::archive::Archive;
use trainlet::core::params::Leaf;
use trainlet::core::setting;
use trainlet::optim::{Adam, AdamConfig, Bf16, Block8, Optimizer, Step};

use crate::message::StateName;

/// Weights that there is room for in a state.
pub const MAX_WEIGHTS: usize = 1 << 16;

/// Adam with its state.
#[allow(missing_docs, reason = "the states of the library")]
pub enum AnyAdam {
    None,
    F32(Box<Adam<[f32; MAX_WEIGHTS]>>),
    Bf16(Box<Adam<[Bf16; MAX_WEIGHTS]>>),
    Block8(Box<Adam<[Block8; MAX_WEIGHTS / Block8::LEN]>>),
}

/// Settings of [`AnyAdam`].
#[derive(Clone, Copy)]
pub struct Settings {
    pub adam: AdamConfig,
    pub state: StateName,
}

impl setting::Settings for Settings {
    fn visit(&mut self, archive: &mut Archive) {
        self.adam.visit(archive);
    }
}

impl Optimizer for AnyAdam {
    type Config = Settings;

    const ZERO: Self = Self::None;
    const CAPACITY: usize = usize::MAX;

    fn in_blocks(&self) -> bool {
        matches!(self, Self::Block8(_))
    }

    fn init(&mut self, Settings { adam, state }: Settings) {
        *self = match state {
            StateName::F32 => Self::F32(started(adam)),
            StateName::Bf16 => Self::Bf16(started(adam)),
            StateName::Block8 => Self::Block8(started(adam)),
        };
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        match self {
            Self::None => {}
            Self::F32(adam) => adam.persist(trained, archive),
            Self::Bf16(adam) => adam.persist(trained, archive),
            Self::Block8(adam) => adam.persist(trained, archive),
        }
    }

    fn begin(&mut self, step: &Step) {
        match self {
            Self::None => {}
            Self::F32(adam) => adam.begin(step),
            Self::Bf16(adam) => adam.begin(step),
            Self::Block8(adam) => adam.begin(step),
        }
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        match self {
            Self::None => true,
            Self::F32(adam) => adam.update(leaf, weights, first, gradient, step),
            Self::Bf16(adam) => adam.update(leaf, weights, first, gradient, step),
            Self::Block8(adam) => adam.update(leaf, weights, first, gradient, step),
        }
    }
}

fn started<O: Optimizer>(config: O::Config) -> Box<O> {
    let mut optimizer = Box::new(O::ZERO);
    optimizer.init(config);
    optimizer
}
