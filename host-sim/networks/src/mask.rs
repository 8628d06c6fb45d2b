//! A choice of the weights that sharpness-aware minimisation moves, made at run time.

use trainlet::core::archive::Archive;
use trainlet::core::rng::Key;
use trainlet::core::setting::Settings;
use trainlet::train::{Dynamic, DynamicConfig, Fisher, Mask, NoMask, Sparsity, TopK};

use super::optimizer::MAX_WEIGHTS;

/// Which weights a perturbation moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaskSettings {
    /// All of them.
    Everything,
    /// Those with the largest gradient.
    TopK(Sparsity),
    /// Some, which are exchanged now and then.
    Dynamic(DynamicConfig),
    /// Those with the most Fisher information.
    Fisher(Sparsity),
}

impl Settings for MaskSettings {
    fn visit(&mut self, archive: &mut Archive) {
        match self {
            Self::Everything => {}
            Self::TopK(sparsity) | Self::Fisher(sparsity) => sparsity.visit(archive),
            Self::Dynamic(config) => config.visit(archive),
        }
    }
}

/// A bit for each weight.
type Places = [u32; MAX_WEIGHTS / 32];

/// A mask that is chosen by its [settings](MaskSettings).
pub enum ChosenMask {
    /// Every weight is moved.
    Everything,
    /// [`TopK`]
    TopK(Box<TopK<Places>>),
    /// [`Dynamic`]
    Dynamic(Box<Dynamic<Places>>),
    /// [`Fisher`]
    Fisher(Box<Fisher<Places>>),
}

impl Mask for ChosenMask {
    type Config = MaskSettings;

    const ZERO: Self = Self::Everything;
    const CAPACITY: usize = usize::MAX;
    const BYTES: usize = size_of::<Self>();
    const WHOLE: bool = true;
    const OBSERVES: bool = true;

    fn init(&mut self, settings: MaskSettings, trained: usize, room: usize, key: Key) {
        fn started<S: Mask>(config: S::Config, trained: usize, room: usize, key: Key) -> Box<S> {
            let mut mask = Box::new(S::ZERO);
            mask.init(config, trained, room, key);
            mask
        }
        *self = match settings {
            MaskSettings::Everything => Self::Everything,
            MaskSettings::TopK(sparsity) => Self::TopK(started(sparsity, trained, room, key)),
            MaskSettings::Dynamic(config) => Self::Dynamic(started(config, trained, room, key)),
            MaskSettings::Fisher(sparsity) => Self::Fisher(started(sparsity, trained, room, key)),
        };
    }

    fn prepare(&mut self, gradient: &[f32], step: u32) {
        match self {
            Self::Everything => NoMask.prepare(gradient, step),
            Self::TopK(mask) => mask.prepare(gradient, step),
            Self::Dynamic(mask) => mask.prepare(gradient, step),
            Self::Fisher(mask) => mask.prepare(gradient, step),
        }
    }

    fn observe(&mut self, information: &mut [f32], gradient: &[f32]) {
        if let Self::Fisher(mask) = self {
            mask.observe(information, gradient);
        }
    }

    fn select(&mut self, information: &[f32]) {
        if let Self::Fisher(mask) = self {
            mask.select(information);
        }
    }

    fn persist(&mut self, archive: &mut Archive) {
        match self {
            Self::Everything => NoMask.persist(archive),
            Self::TopK(mask) => mask.persist(archive),
            Self::Dynamic(mask) => mask.persist(archive),
            Self::Fisher(mask) => mask.persist(archive),
        }
    }

    #[inline]
    fn has(&self, place: usize) -> bool {
        match self {
            Self::Everything => true,
            Self::TopK(mask) => mask.has(place),
            Self::Dynamic(mask) => mask.has(place),
            Self::Fisher(mask) => mask.has(place),
        }
    }
}
