//! The rungs: what each changes in the options of a run.

use crate::networks;
use crate::run::augment::{self, Change};
use crate::run::options::ideas::SamName;
use crate::run::options::{DataSource, OptimizerName, Options, PretrainName, Scaling, ScheduleName, TargetName};

/// A rung's name, and what it changes.
pub type Step = (&'static str, fn(&mut Options));

/// The steps from the notebook's run to ours.
pub const STEPS: [Step; 7] = [
    ("the notebook's run", as_the_notebook),
    ("tests without dropout and drop path", |options| options.regularisation.noisy_tests = false),
    ("a scale per column", |options| options.data.scaling = Scaling::Column),
    ("clipping that clips", |options| options.update.clip = 1.0),
    ("rate 0.005 in place of 0.1", |options| {
        options.rate.lr = 5e-3;
        options.rate.warmup = 0.05;
    }),
    ("a cosine over the whole run", |options| {
        options.rate.schedule = ScheduleName::Cosine;
        (options.rate.sharpness, options.rate.min_lr) = (None, None);
    }),
    ("without dropout and drop path", |options| {
        (options.regularisation.dropout, options.regularisation.drop_path) = (0.0, 0.0);
    }),
];

/// The notebook's own settings, its mistakes among them: clipping that changed nothing, and tests as noisy as the training.
pub fn as_the_notebook(options: &mut Options) {
    options.data.scaling = Scaling::Table;
    options.update.clip = 0.0;
    options.rate.lr = 0.1;
    options.rate.min_lr = Some(1e-6);
    options.rate.schedule = ScheduleName::SharpCosine;
    options.rate.sharpness = Some(0.15);
    options.rate.warmup = 0.02;
    // The first block of a network is never left out.
    let drop_path = if has_several_blocks(options) { 0.3 } else { 0.0 };
    (options.regularisation.dropout, options.regularisation.drop_path) = (0.3, drop_path);
    options.regularisation.noisy_tests = true;
}

/// What an idea changes. Ideas that change the same thing exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The number of updates, which all others leave alone.
    Length,
    /// The network, which all others leave alone: how many columns of a table make a token.
    Patches,
    /// What the network sees of a sample.
    Inputs,
    /// The learning rate over the run.
    Schedule,
    /// The pull of the weights towards 0.
    Decay,
    /// Activations that are dropped.
    Dropout,
    /// Blocks that are left out.
    DropPath,
    /// Where the gradient is taken.
    Ascent,
    /// Noise on the updates.
    Noise,
    /// The average that is tested.
    Average,
    /// The training before the training.
    Pretraining,
}

/// An idea that might help.
#[derive(Clone, Copy)]
pub struct Idea {
    /// Its name in the table.
    pub name: &'static str,
    /// The kind of change.
    pub place: Place,
    /// The change.
    pub change: fn(&mut Options),
}

const fn idea(name: &'static str, place: Place, change: fn(&mut Options)) -> Idea {
    Idea { name, place, change }
}

/// All of them, with the settings that [`crate::study::ideas`] has where both have them.
const IDEAS: [Idea; 25] = [
    idea("twice the epochs", Place::Length, |options| options.epochs *= 2),
    idea("patches of 1", Place::Patches, |options| options.network = "flow-42x1".into()),
    idea("patches of 3", Place::Patches, |options| options.network = "flow-16x2".into()),
    idea("patches of 14", Place::Patches, |options| options.network = "flow-3x14".into()),
    idea("warm restarts", Place::Schedule, |options| restarts(options, options.rate.lr)),
    idea("warm restarts at 0.1", Place::Schedule, |options| restarts(options, 0.1)),
    idea("warm restarts at 0.0001", Place::Schedule, |options| restarts(options, 1e-4)),
    idea("warm-up of 3 epochs", Place::Schedule, |options| options.rate.warmup = 3.0 / options.epochs.max(3) as f32),
    idea("final rate 0.00004", Place::Schedule, |options| options.rate.min_lr = Some(4e-5)),
    idea("sharp cosine", Place::Schedule, |options| {
        options.rate.schedule = ScheduleName::SharpCosine;
        options.rate.min_lr = Some(4e-5);
    }),
    idea("noise on the inputs", Place::Inputs, |options| options.regularisation.augment = vec![Change::JITTER]),
    idea(OTHER_WINDOWS, Place::Inputs, |options| options.regularisation.augment = augment::usual()),
    idea("AdamW, decay 0.01", Place::Decay, |options| options.update.optimizer = OptimizerName::Adamw),
    idea("dropout 0.3", Place::Dropout, |options| options.regularisation.dropout = 0.3),
    idea("drop path 0.3", Place::DropPath, |options| options.regularisation.drop_path = 0.3),
    idea("SAM", Place::Ascent, |options| options.ideas.sam = Some(SamName::Sam)),
    idea("ASAM", Place::Ascent, |options| options.ideas.sam = Some(SamName::Asam)),
    idea("SAM, largest gradients", Place::Ascent, |options| options.ideas.sam = Some(SamName::TopK)),
    idea("SAM, exchanged weights", Place::Ascent, |options| options.ideas.sam = Some(SamName::Dynamic)),
    idea("SAM, Fisher information", Place::Ascent, |options| options.ideas.sam = Some(SamName::Fisher)),
    idea("SAM in a single pass", Place::Ascent, |options| options.ideas.sam = Some(SamName::SingleStep)),
    idea("noise", Place::Noise, |options| options.ideas.noise = Some(0.5)),
    idea("average of the weights", Place::Average, |options| options.ideas.ema = Some(0.1)),
    idea("masked pre-training", Place::Pretraining, |options| pretrained(options, TargetName::Inputs)),
    idea("masked pre-training, latents", Place::Pretraining, |options| pretrained(options, TargetName::Latents)),
];

/// The network whose patches are changed, to 1, 3 and 14 columns from its own 6: the blocks stay.
pub const PATCHED: &str = "flow-7x6";

/// Variants of windows of a sensor.
const OTHER_WINDOWS: &str = "other variants of windows";

/// Warm restarts from this rate, the first after a third of the run.
fn restarts(options: &mut Options, lr: f32) {
    options.rate.lr = lr;
    options.rate.schedule = ScheduleName::WarmRestarts;
    options.rate.restart_epochs = Some((options.epochs / 3).max(1));
    options.rate.restart_factor = Some(2);
}

/// As many epochs without labels as with them, before.
fn pretrained(options: &mut Options, target: TargetName) {
    options.pretraining.pretrain = Some(PretrainName::Masked);
    options.pretraining.pretrain_target = Some(target);
    options.pretraining.pretrain_epochs = Some(options.epochs);
}

fn has_several_blocks(options: &Options) -> bool {
    networks::find(&options.network).is_ok_and(|network| network.depth > 1)
}

/// Those that the network can be trained with on these data.
pub fn ideas_for(options: &Options) -> impl Iterator<Item = Idea> {
    let pretrained = networks::find(&options.network).is_ok_and(|network| !network.pretexts.is_empty());
    let windows = options.data.data == DataSource::Watch;
    let several_blocks = has_several_blocks(options);
    let patched = options.network == PATCHED;
    IDEAS.into_iter().filter(move |idea| match idea.place {
        Place::Pretraining => pretrained,
        Place::DropPath => several_blocks,
        Place::Patches => patched,
        _ => windows || idea.name != OTHER_WINDOWS,
    })
}

/// Of the ideas that raise the mean and leave network and number of updates alone, the best of each place.
pub fn that_help<'a>(gains: impl IntoIterator<Item = (&'a Idea, f32)>) -> Vec<&'a Idea> {
    let mut best: Vec<(&Idea, f32)> = Vec::new();
    for (idea, gain) in gains {
        if matches!(idea.place, Place::Length | Place::Patches) || gain <= 0.0 {
            continue;
        }
        match best.iter_mut().find(|(other, _)| other.place == idea.place) {
            Some((_, highest)) if *highest >= gain => (),
            Some(other) => *other = (idea, gain),
            None => best.push((idea, gain)),
        }
    }
    best.into_iter().map(|(idea, _)| idea).collect()
}

/// Passes over the training data with gradients: the work of a run.
pub fn passes(options: &Options) -> u32 {
    let pretraining = options.pretraining.pretrain.and(options.pretraining.pretrain_epochs);
    options.epochs * options.ideas.passes() + pretraining.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn together_are_the_best_of_each_place_that_help() {
        let [a, b] = [idea("a", Place::Ascent, |_| ()), idea("b", Place::Ascent, |_| ())];
        let [c, d] = [idea("c", Place::Noise, |_| ()), idea("d", Place::Average, |_| ())];
        let longer = idea("longer", Place::Length, |_| ());
        let names = |gains: [f32; 5]| -> Vec<_> {
            that_help([&longer, &a, &b, &c, &d].into_iter().zip(gains)).iter().map(|idea| idea.name).collect()
        };
        assert_eq!(names([0.5, 0.1, 0.2, 0.0, 0.1]), ["b", "d"]);
        assert_eq!(names([0.5, 0.2, 0.1, -0.1, 0.1]), ["a", "d"]);
        assert!(names([0.5, 0.0, -0.1, 0.0, -0.1]).is_empty());
    }

    #[test]
    fn the_work_of_an_idea_is_counted() {
        let options = Options { epochs: 4, ..Options::default() };
        let of = |name: &str| {
            let mut options = options.clone();
            let idea = IDEAS.iter().find(|idea| idea.name == name).unwrap();
            (idea.change)(&mut options);
            passes(&options)
        };
        assert_eq!(["noise", "SAM in a single pass", "average of the weights"].map(of), [4; 3]);
        assert_eq!(["twice the epochs", "SAM", "SAM, largest gradients", "masked pre-training"].map(of), [8; 4]);
        assert_eq!(["patches of 14", "masked pre-training, latents"].map(of), [4, 8]);
    }
}
