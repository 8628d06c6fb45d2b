//! Weights in bytes know as much as they did before.

mod cli;

use cli::Cli;

#[test]
fn networks_from_bytes_know_as_much() {
    let cli = Cli::new();
    for network in ["watch-12x1", "watch-mlp"] {
        cli.ok(&format!("train --network {network} --epochs 8 --save w.safetensors"));
        let accuracy = |option: &str| {
            cli.ok(&format!("evaluate --weights w.safetensors{option} --json scores.json"));
            cli.json("scores.json")["accuracy"].as_f64().unwrap()
        };
        let [exact, small] = ["", " --int8"].map(accuracy);
        assert!(exact > 0.6 && (small - exact).abs() < 0.01, "{network}: {small} instead of {exact}");
        let predictions = |option: &str| cli.ok(&format!("predict --weights w.safetensors{option}"));
        let [exact, small] = ["", " --int8"].map(predictions);
        let class = |line: &str| line.split(',').next().unwrap().to_string();
        let pairs: Vec<_> = exact.lines().zip(small.lines()).skip(1).collect();
        let same = pairs.iter().filter(|(exact, small)| class(exact) == class(small)).count();
        assert!(same as f64 > 0.97 * pairs.len() as f64, "{network}: {same} of {} are alike", pairs.len());
        assert!(pairs.iter().any(|(exact, small)| exact != small), "{network}: nothing is in bytes");
    }
}

#[test]
fn what_has_no_form_in_bytes_is_refused() {
    let cli = Cli::new();
    cli.ok("train --network watch-resnet --steps 1 --save w.safetensors");
    for command in ["evaluate", "predict", "export --to rust"] {
        let line = format!("{command} --weights w.safetensors --int8");
        cli.complains(1, &line, &["`watch-resnet` has no form in bytes", "watch-16x2"]);
    }
    cli.complains(1, "export --to onnx --weights w.safetensors --int8", &["--int8 has no effect here", "--to rust"]);
}
