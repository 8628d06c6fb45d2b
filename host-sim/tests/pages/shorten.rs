//! The same commands in a time that a test has.

/// What takes the time of a command, and how little of it is enough to see that it does what it should.
const LESS: [(&str, &[&str]); 6] = [
    (" train", &["--epochs 1"]),
    (" study compare", &["--epochs 1", "--seeds 1"]),
    (" study ablation", &["--epochs 1", "--seeds 1"]),
    (" study labels", &["--steps 4", "--seeds 1", "--pretrain-epochs 1", "--labels 0.1"]),
    (" study curvature", &["--epochs 1", "--seeds 1", "--batches 1", "--products 2"]),
    (" personalise", &["--epochs 1", "--pretrain-epochs 1", "--subjects 1"]),
];

/// With these options in place of those that the command has.
pub fn shorten(line: &str) -> String {
    let less = LESS.iter().find(|(command, _)| line.starts_with(command)).map_or(&[][..], |(_, options)| *options);
    // Of the watch recordings one pair of people in place of five.
    let is_of_watch = line.starts_with(" study compare") || line.starts_with(" study ablation --data watch");
    let pair = (is_of_watch && !line.contains(".csv")).then_some("--test-subjects 9,10");
    less.iter().copied().chain(pair).fold(line.to_string(), |line, option| {
        let name = option.split(' ').next().unwrap();
        let mut words: Vec<_> = line.split(' ').collect();
        if let Some(at) = words.iter().position(|word| *word == name) {
            words.drain(at..at + 2);
        }
        format!("{} {option}", words.join(" "))
    })
}
