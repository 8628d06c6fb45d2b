//! What is wrong with options.

/// Options that make no sense.
#[derive(Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{option} is {value}, but must be {range}")]
    OutOfRange { option: &'static str, value: String, range: &'static str },
    #[error(transparent)]
    Setting(#[from] trainlet::core::setting::OutOfRange),
    #[error("{option} has no effect here: it belongs to {owner}; leave it out, or choose that")]
    Without { option: &'static str, owner: &'static str },
    #[error(
        "over a line the boards train every weight by batches with Adam: use --optimizer adam or adamw, without --online \
         and --trained"
    )]
    OnBoard,
    #[error("the rate of a schedule-free optimiser does not fall: add --schedule constant")]
    ScheduleFree,
    #[error("ldog finds its rate by itself: add --lr 1 --schedule constant --warmup 0")]
    Ldog,
    #[error("--online changes the weights with each sample and never knows the whole gradient: add --batch 1 --clip 0")]
    Online,
    #[error(
        "--scaling table divides each file by its own largest value, as the notebook did: it cannot be kept with weights \
         (--save), and boards do not know it"
    )]
    OneScale,
    #[error("--noisy-tests is for plain batches on this computer: leave out --online, --sam, --noise and --ema")]
    NoisyTests,
    #[error("--monitor is for plain batches on this computer: leave out --online, --sam, --noise and --ema, or it")]
    Monitor,
    #[error(
        "--standalone runs the program as it is, which has its own settings: leave out the options of the training"
    )]
    Standalone,
    #[error(
        "--stream plays recordings to an STM32F405 alone, which learns fast enough: write --qemu stm32f405, or give it to the host-sim of a \
         project that `host-sim new` wrote"
    )]
    NoStream,
    #[error(
        "the program `adapt` trains every weight of watch-12x1, from those of the pre-training: leave --network and --method out, or name \
         with --on the serial port of a board that runs `node`"
    )]
    Adapt,
    #[error("--firmware is for one subject and one number of labelled windows, as --subjects 1 --labels all")]
    AdaptationFile,
    #[error("there is nothing to compare the networks by: give a file with --test")]
    NothingToTest,
    #[error(
        "--sam, --noise and --ema go with --optimizer adam or adamw in f32, on every weight and on this computer: leave out \
         --online, --trained and --state, or them"
    )]
    Ideas,
    #[error("{network} cannot be pre-trained: --pretrain is for {there}")]
    NoPretext { network: String, there: String },
    #[error("--visible is {visible}, but for {network} it must be {there}")]
    Visible { visible: usize, network: String, there: String },
    #[error(
        "a board keeps its run itself: leave --checkpoint and --resume out, and give the same command again when the connection has \
         failed"
    )]
    CheckpointOnBoard,
    #[error("a board on a line learns with labels alone: leave --pretrain and --labels out, or use `train`")]
    PretrainOnBoard,
}
