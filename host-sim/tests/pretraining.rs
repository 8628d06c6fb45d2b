//! Learning without labels first, by way of the options.

use host_sim::run::options::{MaskingName, Options, PretrainName, PretrainOptions, TargetName};
use host_sim::run::train;

fn options(masking: MaskingName, target: TargetName) -> Options {
    let pretraining = PretrainOptions {
        pretrain: Some(PretrainName::Masked),
        pretrain_steps: Some(60),
        masking: Some(masking),
        pretrain_target: Some(target),
        visible: Some(12),
        labels: Some(0.05),
        ..PretrainOptions::default()
    };
    Options { steps: Some(5), pretraining, ..Options::default() }
}

#[test]
fn all_windows_are_learnt_from_and_few_labels() {
    // Bytes of both phases, as `host-sim networks` lists them: a subset has a decoder block beside.
    for (masking, target, bytes) in [
        (MaskingName::Replace, TargetName::Inputs, 30_808),
        (MaskingName::Subset, TargetName::Inputs, 53_416),
        (MaskingName::Replace, TargetName::Latents, 32_424),
        (MaskingName::Subset, TargetName::Latents, 55_048),
    ] {
        let record = train(&options(masking, target)).unwrap();
        let pretraining = record.pretraining.unwrap();
        assert_eq!((pretraining.samples, record.training_samples), (2832, 142));
        assert_eq!((pretraining.visible, pretraining.tokens), (12, 16));
        assert_eq!((pretraining.steps.len(), record.steps.len()), (60, 5));
        let mean = |losses: &[host_sim::run::record::StepRecord]| losses.iter().map(|step| step.loss).sum::<f32>();
        let (first, last) = (mean(&pretraining.steps[..10]), mean(&pretraining.steps[50..]));
        assert!(last < 0.9 * first, "{masking}, {target}: {first} became {last}");
        assert_eq!(pretraining.budget.total, bytes);
    }
}

/// The same options give the same bits, and pre-training changes the training after it.
#[test]
fn a_pre_training_can_be_repeated() {
    let run = |options: &Options| {
        let record = train(options).unwrap();
        (record.weights_crc32, record.pretraining.map(|pretraining| pretraining.weights_crc32))
    };
    let with = options(MaskingName::Replace, TargetName::Inputs);
    let mut without = with.clone();
    without.pretraining = PretrainOptions { labels: Some(0.05), ..PretrainOptions::default() };
    assert_eq!(run(&with), run(&with));
    assert_ne!(run(&with).0, run(&without).0);
}
