//! `budget`: what fits where, and in how many columns it says so.

use crate::cli::Cli;

/// What best fits where is seen at a glance: on 80 columns and 40 lines.
#[test]
fn the_bare_budget_fits_a_screen() {
    let report = Cli::new().ok("budget");
    assert!(report.lines().count() <= 40 && report.lines().all(|line| line.chars().count() <= 80), "{report}");
    let modes = |network: &str| {
        let line = report.lines().find(|line| line.split_whitespace().next() == Some(network)).unwrap();
        line.split_whitespace().skip(1).map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(modes("watch-26x2")[..2], ["-", "recompute-adam"], "{report}");
    assert!(
        modes("notebook").iter().all(|mode| mode == "-") && modes("watch-12x1").iter().all(|mode| mode == "keep-adam")
    );
}

/// No terminal has to break a number in two.
#[test]
fn every_budget_fits_the_width_of_a_terminal() {
    let cli = Cli::new();
    let names = cli.ok("networks --json -");
    let networks: serde_json::Value = serde_json::from_str(&names).unwrap();
    let names = networks.as_array().unwrap().iter().map(|network| network["network"].as_str().unwrap());
    let lines: Vec<String> = names.map(|name| format!("budget --network {name}")).collect();
    let others = ["budget --all", "budget --pretext", "budget --network watch-12x1 --mode predict", "networks"];
    for line in lines.iter().map(String::as_str).chain(others) {
        let report = cli.ok(line);
        let widest = report.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.trim_end().chars().count() <= 80, "{line}: {widest}");
    }
    let report = cli.ok("budget --network notebook --mode keep-adam predict");
    for part in ["notebook", "1,682,788", "420,697", "-7,001,040", "nucleo-f446re", "keep-adam", "1,792", "5,048,475"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
}

#[test]
fn budgets_are_compared_drawn_and_judged() {
    let cli = Cli::new();
    let report = cli.ok("budget --network watch-12x1 notebook --mode keep-adam predict --json b.json --svg b.svg");
    for part in ["stm32g431", "rp2350", "48,636", "32,648", "-7,001,040", "420,697"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    let rows = cli.json("b.json");
    assert_eq!(rows.as_array().unwrap().len(), 4);
    let budget = &rows[0]["budget"];
    assert_eq!(
        (&rows[0]["mode"], &budget["total"], &budget["data"]),
        (&"keep-adam".into(), &(30_472 + 384).into(), &384.into())
    );
    // 16,943 bytes, the last word and the record; the notebook fits no board.
    for part in ["131,072", "16,943", "16,976", "5.3 days", "27.7 days", "3.6 years"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    let on = &rows[0]["on"].as_array().unwrap()[1];
    assert_eq!((&on["board"], &on["flash"]["written"]), (&"stm32f405".into(), &16_976.into()));
    assert_eq!((&rows[0]["checkpoint"], &rows[1]["checkpoint"]), (&16_943.into(), &serde_json::Value::Null));
    let svg = cli.read("b.svg");
    assert!(svg.starts_with("<svg") && svg.contains("watch-12x1 keep-adam") && svg.contains("stm32f405"));

    cli.ok("budget --svg first.svg");
    let height = |svg: &str| svg.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse::<u32>().unwrap();
    assert!(height(&cli.read("first.svg")) <= 1080, "all networks on a screen");
    cli.complains(1, "budget --all --svg all.svg", &["bars fit no screen", "--network"]);
    cli.ok("budget --network watch-12x1 --fits stm32f405 --board stm32f405");
    let fits = cli.ok("budget --network watch-16x2 --fits stm32g431");
    assert!(fits.contains("online-adam-8bit, online-momentum-8bit, online-sgd,") && !fits.contains("keep-"), "{fits}");
    let output = cli.run("budget --network watch-16x2 --mode keep-adam recompute-adam --fits stm32g431");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = "recompute-adam, which needs least, is 26392 bytes too large";
    assert!(message.contains(expected), "{message}");
    cli.ok("budget --network watch-16x2 --mode online-sgd --fits stm32g431");
    assert!(!output.stdout.is_empty(), "the table comes all the same");
    assert!(cli.fails(2, "budget --board stm32f999").contains("stm32f405"), "the boards are listed");
    cli.complains(2, "budget --optimizer ldog", &["sgd", "train --optimizer ldog"]);
}
