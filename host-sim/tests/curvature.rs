//! `host-sim study curvature` as its users meet it.

mod cli;

use cli::Cli;

const SMALL: &str = "study curvature --seeds 1 --epochs 1 --batches 2 --batch 8 --products 5";

#[test]
fn looking_changes_nothing_and_the_surface_is_around_the_weights() {
    let cli = Cli::new();
    let table = cli.ok(&format!(
        "{SMALL} --network watch-mlp,watch-12x1 --json s.json --svg a.svg --histograms b.svg --surfaces c.svg"
    ));
    assert_eq!(table.lines().filter(|line| line.starts_with(" watch-12x1")).count(), 2, "{table}");
    let rows = cli.json("s.json");
    for (row, network) in rows.as_array().unwrap().iter().zip(["watch-mlp", "watch-12x1"]) {
        cli.ok(&format!("train --network {network} --epochs 1 --json run.json"));
        let run = &row["runs"][0];
        assert_eq!(run["weights_crc32"], cli.json("run.json")["weights_crc32"], "{network}");
        let (looks, losses) = (run["looks"].as_array().unwrap(), run["surface"].as_array().unwrap());
        assert_eq!(looks.iter().map(|look| look["epoch"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(losses[10][10], looks[1]["loss"], "the middle is where the weights are");
        assert_ne!(losses[10][11], losses[10][10]);
        for batch in looks.iter().flat_map(|look| look["batches"].as_array().unwrap()) {
            let ritz = batch["ritz"].as_array().unwrap();
            assert_eq!((ritz.len(), &ritz[0], &ritz[4]), (5, &batch["smallest"], &batch["largest"]));
        }
    }
    for name in ["a.svg", "b.svg", "c.svg"] {
        let svg = cli.read(name);
        assert!(svg.starts_with("<svg") && svg.contains("watch-12x1") && !svg.contains("NaN"), "{name}");
    }
}

/// λ of an L2 term is added to every eigenvalue; at the start the weights are the same.
#[test]
fn decay_shifts_eigenvalues() {
    let cli = Cli::new();
    let [plain, decayed] = ["0", "2"].map(|decay| {
        cli.ok(&format!("{SMALL} --network watch-mlp --at 0 --weight-decay {decay} --json s.json"));
        cli.json("s.json")[0]["runs"][0]["looks"][0]["batches"][0]["largest"].as_f64().unwrap()
    });
    assert!((decayed - plain - 2.0).abs() < 0.01, "{plain} {decayed}");
}

#[test]
fn weights_of_a_file_can_be_looked_at() {
    let cli = Cli::new();
    cli.ok("train --network watch-mlp --epochs 1 --save w.safetensors --json run.json");
    cli.ok(
        "study curvature --network watch-mlp --seeds 1 --epochs 0 --batches 1 --products 2 --init w.safetensors --json s.json",
    );
    assert_eq!(cli.json("s.json")[0]["runs"][0]["weights_crc32"], cli.json("run.json")["weights_crc32"]);
}

#[test]
fn mistakes_are_explained() {
    let cli = Cli::new();
    cli.complains(2, "study curvature --network watch-mlp --epochs 3 --at 1,5", &["--at is 5", "--epochs"]);
    cli.complains(2, "study curvature --network watch-mlp --reach 0", &["--reach is 0", "above 0"]);
    cli.complains(2, "study curvature --network watch-mlp --noisy-tests", &["--noisy-tests", "train"]);
    cli.complains(1, "study curvature --network watch-mlp,flow-16x2", &["flow-16x2", "watch-mlp"]);
    cli.complains(1, "study curvature --network watch-mlp --init nowhere.safetensors", &["nowhere.safetensors"]);
    cli.complains(1, "study curvature --network watch-mlp --surfaces nowhere/s.svg", &["nowhere/s.svg", "--surfaces"]);
}
