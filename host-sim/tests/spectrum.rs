//! `host-sim spectrum` as its users meet it.

mod desk;

use desk::Desk;

const SMALL: &str = "spectrum --seeds 1 --epochs 1 --batches 2 --batch 8 --products 5";

#[test]
fn looking_changes_nothing_and_the_surface_is_around_the_weights() {
    let desk = Desk::new();
    let table = desk.ok(&format!(
        "{SMALL} --configs watch-mlp,watch-12x1 --json s.json --svg a.svg --histograms b.svg --surfaces c.svg"
    ));
    assert_eq!(table.lines().filter(|line| line.starts_with(" watch-12x1")).count(), 2, "{table}");
    let rows = desk.json("s.json");
    for (row, config) in rows.as_array().unwrap().iter().zip(["watch-mlp", "watch-12x1"]) {
        desk.ok(&format!("train --config {config} --epochs 1 --json run.json"));
        let run = &row["runs"][0];
        assert_eq!(run["weights_crc32"], desk.json("run.json")["weights_crc32"], "{config}");
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
        let svg = desk.read(name);
        assert!(svg.starts_with("<svg") && svg.contains("watch-12x1") && !svg.contains("NaN"), "{name}");
    }
}

/// λ of an L2 term is added to every eigenvalue; at the start the weights are the same.
#[test]
fn decay_shifts_eigenvalues() {
    let desk = Desk::new();
    let [plain, decayed] = ["0", "2"].map(|decay| {
        desk.ok(&format!("{SMALL} --configs watch-mlp --at 0 --weight-decay {decay} --json s.json"));
        desk.json("s.json")[0]["runs"][0]["looks"][0]["batches"][0]["largest"].as_f64().unwrap()
    });
    assert!((decayed - plain - 2.0).abs() < 0.01, "{plain} {decayed}");
}

#[test]
fn weights_of_a_file_can_be_looked_at() {
    let desk = Desk::new();
    desk.ok("train --config watch-mlp --epochs 1 --save w.safetensors --json run.json");
    desk.ok(
        "spectrum --configs watch-mlp --seeds 1 --epochs 0 --batches 1 --products 2 --init w.safetensors --json s.json",
    );
    assert_eq!(desk.json("s.json")[0]["runs"][0]["weights_crc32"], desk.json("run.json")["weights_crc32"]);
}

#[test]
fn mistakes_are_explained() {
    let desk = Desk::new();
    desk.complains(2, "spectrum --configs watch-mlp --epochs 3 --at 1,5", &["--at is 5", "--epochs"]);
    desk.complains(2, "spectrum --configs watch-mlp --reach 0", &["--reach is 0", "above 0"]);
    desk.complains(2, "spectrum --configs watch-mlp --noisy-tests", &["--noisy-tests", "train"]);
    desk.complains(1, "spectrum --configs watch-mlp,flow-16x2", &["flow-16x2", "watch-mlp"]);
    desk.complains(1, "spectrum --configs watch-mlp --init nowhere.safetensors", &["nowhere.safetensors"]);
    desk.complains(1, "spectrum --configs watch-mlp --surfaces nowhere/s.svg", &["nowhere/s.svg", "--surfaces"]);
}
