//! `train --monitor` as its users meet it.

mod cli;

use cli::Cli;

#[test]
fn verdicts_come_with_the_first_three_epochs() {
    let cli = Cli::new();
    let run = cli.run("train --epochs 4 --monitor --json watched.json");
    let lines = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success() && lines.lines().count() == 4, "{lines}");
    assert_eq!(lines.matches("gradients: fine").count(), 3, "{lines}");
    let epochs = cli.json("watched.json")["epochs"].clone();
    assert_eq!(epochs[2]["health"]["verdict"], "fine");
    assert!(epochs[2]["health"]["leaf"].as_str().unwrap().starts_with("blocks.0."));
    assert!(epochs[3]["health"].is_null());

    cli.ok("train --epochs 4 --json plain.json");
    assert_eq!(cli.json("watched.json")["weights_crc32"], cli.json("plain.json")["weights_crc32"]);
    assert!(cli.json("plain.json")["epochs"][0]["health"].is_null());
}

#[test]
fn the_share_of_saturated_gelus_stands_beside_the_verdict() {
    let cli = Cli::new();
    let lines = String::from_utf8(cli.run("train --epochs 1 --monitor --json mixer.json").stderr).unwrap();
    assert!(
        lines.contains("; no GELU saturated") || lines.contains("% of a layer's GELUs saturated (behind "),
        "{lines}"
    );
    let saturation = cli.json("mixer.json")["epochs"][0]["health"]["saturation"].clone();
    assert!((0.0..0.01).contains(&saturation["share"].as_f64().unwrap()), "{saturation}");
    assert!(saturation["leaf"].as_str().unwrap().ends_with("_mixing.0.bias"), "{saturation}");

    let lines = String::from_utf8(cli.run("train --network watch-resnet --epochs 1 --monitor").stderr).unwrap();
    assert!(lines.contains("gradients: fine") && !lines.contains("GELU"), "it has none: {lines}");
}

#[test]
fn an_explosion_names_its_leaf_and_says_what_to_try() {
    let cli = Cli::new();
    let run = cli.run("train --epochs 2 --monitor --optimizer sgd --lr 1e6 --clip 0 --warmup 0 --schedule constant");
    let lines = String::from_utf8(run.stderr).unwrap();
    assert!(lines.contains("gradients explode at ") && lines.contains(".weight: try a lower --lr"), "{lines}");
}

#[test]
fn a_rate_of_nothing_is_a_plateau_or_vanishes() {
    let lines = Cli::new().run("train --epochs 2 --monitor --lr 1e-9").stderr;
    let lines = String::from_utf8(lines).unwrap();
    assert!(lines.contains("plateau, blocks.0."), "{lines}");
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let cli = Cli::new();
    cli.complains(2, "train --monitor --online --batch 1 --clip 0", &["--monitor", "--online"]);
    cli.complains(2, "train --monitor --sam sam", &["--monitor", "--sam"]);
}
