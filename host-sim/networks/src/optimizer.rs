//! An optimiser that is chosen at run time, so that trainers are compiled once and not once for each of them.

use serde::Serialize;
use trainlet::core::archive::Archive;
use trainlet::core::params::Leaf;
use trainlet::core::setting::{Setting, Settings};
use trainlet::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Bf16, Block8, Copied, DogConfig, LayerDog, Lion, LionConfig, Momentum,
    MomentumConfig, NoiseConfig, Noisy, Optimizer, Proximal, ProximalConfig, ScheduleFree, ScheduleFreeConfig,
    SecondOnly, Sgd, SgdConfig, State, Step,
};

/// Optimisers by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerName {
    /// Adam; decay is added to the gradient
    Adam,
    /// Adam; decay acts on the weights alone, apart from the gradient
    Adamw,
    /// The sign of an average of the gradient: every weight moves by the learning rate
    Lion,
    /// AdamW without a schedule: an average of the weights predicts
    ScheduleFree,
    /// Gradient descent without a schedule: an average of the weights predicts
    ScheduleFreeSgd,
    /// Gradient descent without a rate to choose: that of a leaf follows from how far it has come
    Ldog,
    /// Gradient descent
    Sgd,
    /// Gradient descent with momentum
    Momentum,
    /// Gradient descent with Nesterov's momentum
    Nesterov,
}

/// How an optimiser keeps a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum StateName {
    /// In 4 bytes
    #[default]
    F32,
    /// In 2 bytes
    Bf16,
    /// In 33 bytes for 32 numbers
    #[value(name = "8bit")]
    #[serde(rename = "8bit")]
    Block8,
}

impl StateName {
    /// As the option has it, and as a board says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => <[f32; 0]>::NAME,
            Self::Bf16 => <[Bf16; 0]>::NAME,
            Self::Block8 => <[Block8; 0]>::NAME,
        }
    }

    /// Name of the type in [`Network`](trainlet::networks::Network).
    pub fn in_rust(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::Bf16 => "Bf16",
            Self::Block8 => "Block8",
        }
    }
}

/// The rule by which weights are updated, and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Adam or AdamW.
    Adam(AdamConfig),
    /// Lion.
    Lion(LionConfig),
    /// Schedule-free AdamW.
    ScheduleFree(AdamConfig, ScheduleFreeConfig),
    /// Schedule-free gradient descent.
    ScheduleFreeSgd(SgdConfig, ScheduleFreeConfig),
    /// Layer-wise distance over gradients.
    LayerDog(DogConfig),
    /// Gradient descent.
    Sgd(SgdConfig),
    /// Gradient descent with either kind of momentum.
    Momentum(MomentumConfig),
    /// Adam in 4 bytes per number, with noise on the updates, an average of the weights, or both.
    Regularised(AdamConfig, Option<NoiseConfig>, Option<AverageConfig>),
}

/// An optimiser and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimizerSettings {
    /// How the weights are updated.
    pub rule: Rule,
    /// How the numbers of the rule are kept.
    pub state: StateName,
    /// μ of a pull towards the weights of the start, if there is one.
    pub proximal: Option<f32>,
    /// Number of weights that are trained, at most [`MAX_WEIGHTS`].
    pub weights: usize,
}

impl Settings for OptimizerSettings {
    fn visit(&mut self, archive: &mut Archive) {
        if let Some(pull) = &mut self.proximal {
            archive.setting(Setting::Pull, pull);
        }
        match &mut self.rule {
            Rule::Adam(adam) => adam.visit(archive),
            Rule::Lion(lion) => lion.visit(archive),
            Rule::ScheduleFree(adam, free) => {
                adam.visit(archive);
                free.visit(archive);
            }
            Rule::ScheduleFreeSgd(sgd, free) => {
                sgd.visit(archive);
                free.visit(archive);
            }
            Rule::LayerDog(dog) => dog.visit(archive),
            Rule::Sgd(sgd) => sgd.visit(archive),
            Rule::Momentum(momentum) => momentum.visit(archive),
            Rule::Regularised(adam, noise, average) => {
                adam.visit(archive);
                if let Some(noise) = noise {
                    noise.visit(archive);
                }
                if let Some(average) = average {
                    average.visit(archive);
                }
            }
        }
    }
}

/// The most weights that a network may have.
pub const MAX_WEIGHTS: usize = 1 << 20;
/// Weights that there is room for in the state of most networks' optimiser.
const USUAL_WEIGHTS: usize = 1 << 13;

/// The most leaves that a network may have.
const MAX_LEAVES: usize = 1 << 10;

/// An optimiser that is chosen by its [settings](OptimizerSettings).
pub struct Chosen(Option<Box<dyn Updates>>);

/// What an optimiser does, whatever its type.
trait Updates {
    fn in_blocks(&self) -> bool;
    fn persist(&mut self, trained: usize, archive: &mut Archive);
    fn begin(&mut self, step: &Step);
    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool;
    fn average(&mut self) -> Option<&mut [f32]>;
}

impl<O: Optimizer> Updates for O {
    fn in_blocks(&self) -> bool {
        O::IN_BLOCKS
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        Optimizer::persist(self, trained, archive);
    }

    fn begin(&mut self, step: &Step) {
        Optimizer::begin(self, step);
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        Optimizer::update(self, leaf, weights, first, gradient, step)
    }

    fn average(&mut self) -> Option<&mut [f32]> {
        Optimizer::average(self)
    }
}

impl Optimizer for Chosen {
    type Config = OptimizerSettings;

    const ZERO: Self = Self(None);
    const CAPACITY: usize = usize::MAX;

    fn init(&mut self, settings: OptimizerSettings) {
        self.0 = Some(if settings.weights <= USUAL_WEIGHTS {
            build::<USUAL_WEIGHTS, { USUAL_WEIGHTS / Block8::LEN }>(settings)
        } else {
            build::<MAX_WEIGHTS, { MAX_WEIGHTS / Block8::LEN }>(settings)
        });
    }

    fn in_blocks(&self) -> bool {
        self.0.as_ref().is_some_and(|optimizer| optimizer.in_blocks())
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        if let Some(optimizer) = &mut self.0 {
            optimizer.persist(trained, archive);
        }
    }

    fn begin(&mut self, step: &Step) {
        if let Some(optimizer) = &mut self.0 {
            optimizer.begin(step);
        }
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        self.0.as_mut().is_none_or(|optimizer| optimizer.update(leaf, weights, first, gradient, step))
    }

    fn average(&mut self) -> Option<&mut [f32]> {
        self.0.as_mut()?.average()
    }
}

/// With room for `N` weights, which are `BLOCKS` blocks of 8 bits per number.
fn build<const N: usize, const BLOCKS: usize>(settings: OptimizerSettings) -> Box<dyn Updates> {
    let OptimizerSettings { rule, state, proximal, .. } = settings;
    if let Some(pull) = proximal {
        let config = (OptimizerSettings { proximal: None, ..settings }, ProximalConfig { pull, anchor: () });
        return started::<Proximal<Chosen, Copied<[f32; N]>>>(config);
    }
    match (rule, state) {
        (Rule::Adam(adam), StateName::F32) => started::<Adam<[f32; N]>>(adam),
        (Rule::Adam(adam), StateName::Bf16) => started::<Adam<[Bf16; N]>>(adam),
        (Rule::Adam(adam), StateName::Block8) => started::<Adam<[Block8; BLOCKS]>>(adam),
        (Rule::Lion(lion), StateName::F32) => started::<Lion<[f32; N]>>(lion),
        (Rule::Lion(lion), StateName::Bf16) => started::<Lion<[Bf16; N]>>(lion),
        (Rule::Lion(lion), StateName::Block8) => started::<Lion<[Block8; BLOCKS]>>(lion),
        (Rule::ScheduleFree(adam, free), StateName::F32) => {
            started::<ScheduleFree<Adam<SecondOnly<[f32; N]>>, [f32; N]>>((adam, free))
        }
        (Rule::ScheduleFree(adam, free), StateName::Bf16) => {
            started::<ScheduleFree<Adam<SecondOnly<[Bf16; N]>>, [f32; N]>>((adam, free))
        }
        (Rule::ScheduleFree(adam, free), StateName::Block8) => {
            started::<ScheduleFree<Adam<SecondOnly<[Block8; BLOCKS]>>, [f32; N]>>((adam, free))
        }
        (Rule::ScheduleFreeSgd(sgd, free), _) => started::<ScheduleFree<Sgd, [f32; N]>>((sgd, free)),
        (Rule::LayerDog(dog), _) => started::<LayerDog<Copied<[f32; N]>, MAX_LEAVES>>((dog, ())),
        (Rule::Sgd(sgd), _) => started::<Sgd>(sgd),
        (Rule::Momentum(momentum), StateName::F32) => started::<Momentum<[f32; N]>>(momentum),
        (Rule::Momentum(momentum), StateName::Bf16) => started::<Momentum<[Bf16; N]>>(momentum),
        (Rule::Momentum(momentum), StateName::Block8) => started::<Momentum<[Block8; BLOCKS]>>(momentum),
        (Rule::Regularised(adam, None, None), _) => started::<Adam<[f32; N]>>(adam),
        (Rule::Regularised(adam, Some(noise), None), _) => started::<Noisy<Adam<[f32; N]>>>((adam, noise)),
        (Rule::Regularised(adam, None, Some(average)), _) => {
            started::<Averaged<Adam<[f32; N]>, [f32; N]>>((adam, average))
        }
        (Rule::Regularised(adam, Some(noise), Some(average)), _) => {
            started::<Averaged<Noisy<Adam<[f32; N]>>, [f32; N]>>(((adam, noise), average))
        }
    }
}

fn started<O: Optimizer + 'static>(config: O::Config) -> Box<dyn Updates> {
    let mut optimizer = Box::new(O::ZERO);
    optimizer.init(config);
    optimizer
}
