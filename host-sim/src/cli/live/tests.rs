//! What is on the screen.

use std::time::Instant;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::draw::draw;
use super::view::View;
use crate::run::epochs::{Event, Moment};
use crate::run::metrics::{ClassScores, Classes, Figures, Scores, ValueScores, Values};
use crate::run::record::EpochRecord;

/// The lines of a screen of this size.
fn screen(view: &View, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, view, Instant::now())).unwrap();
    terminal.backend().to_string()
}

fn moment(done: u32, loss: f32) -> Moment {
    Moment { done, steps: 2225, epoch: done.div_ceil(89), loss, lr: 5e-3, samples_per_second: 41_234.0 }
}

fn classes(names: &[&str], confusion: &[&[u32]]) -> Scores {
    let class = |name: &&str| ClassScores { name: name.to_string(), precision: 0.5, recall: 0.5, f1: 0.5, samples: 9 };
    let figures = Figures::Classes(Classes {
        accuracy: 0.75,
        balanced_accuracy: 0.75,
        majority: 0.5,
        f1: 0.5,
        auc: None,
        average_precision: None,
        calibration: None,
        classes: names.iter().map(class).collect(),
        confusion: confusion.iter().map(|counts| counts.to_vec()).collect(),
    });
    Scores { samples: 9, loss: 0.5, voted: None, groups: Vec::new(), figures }
}

fn values(r2: f64) -> Scores {
    let value = ValueScores { name: "temperature".into(), mae: 0.5, rmse: 0.75, r2, points: Vec::new() };
    let figures = Figures::Values(Values { r2: r2 as f32, values: vec![value] });
    Scores { samples: 9, loss: 0.5, voted: None, groups: Vec::new(), figures }
}

/// Three epochs with a test and samples for validation.
fn run(scores: &Scores, loss: impl Fn(u32) -> f32) -> View {
    let (now, mut view) = (Instant::now(), View::new("watch-12x1"));
    for step in 1..=267 {
        view.hear(Event::Step(moment(step, loss(step))), now);
        if step % 89 == 0 {
            view.hear(Event::Tested(scores), now);
            let mut epoch = EpochRecord::new(step / 89, loss(step).into(), (Some(scores), Some(scores)), None);
            epoch.validation_score = Some(0.25 * (step / 89) as f32);
            view.hear(Event::Epoch(&epoch, moment(step, loss(step))), now);
        }
    }
    view
}

#[test]
fn a_usual_screen_has_curves_matrix_rate_and_time() {
    let scores = classes(&["still", "walk", "a\u{1b}[31m"], &[&[12, 3, 0], &[4, 1567, 0], &[0, 0, 8]]);
    let shown = screen(&run(&scores, |step| 2.0 / step as f32), (80, 24));
    for part in [
        "watch-12x1: epoch 3, step 267 of 2,225",
        " 12 %",
        "s left",
        "┌loss step training validation test─",
        "2.000",
        "┌accuracy validation test─",
        "┌truth \\ predicted",
        "stil walk",
        "walk      4 1567    0",
        "loss 0.0075, 41,234 samples/s",
        "epoch 3: loss 0.0075",
        "validation 75.0 %",
        "test accuracy 75.0 %",
        "learning rate 5.00e-3",
        "q or Ctrl-C: stop",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    assert!(!shown.contains('\u{1b}') && shown.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "{shown}");
}

#[test]
fn values_have_their_own_figures() {
    let shown = screen(&run(&values(-1.5), |step| 2.0 / step as f32), (80, 24));
    assert!(shown.contains("┌R² validation test─") && shown.contains("temperature: R² -1.500"), "{shown}");
}

#[test]
fn many_classes_are_told_by_their_mistakes() {
    let names: Vec<String> = (0..30).map(|class| format!("class{class}")).collect();
    let mut counts = vec![vec![7; 30]; 30];
    counts[4][2] = 1234;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let counts: Vec<&[u32]> = counts.iter().map(Vec::as_slice).collect();
    let shown = screen(&run(&classes(&names, &counts), |_| 1.0), (80, 24));
    assert!(shown.contains("class4 \\ class2 1,234"), "{shown}");
}

#[test]
fn every_run_has_room_on_every_screen() {
    let two = classes(&["a", "b"], &[&[1, 0], &[u32::MAX, 1]]);
    let mut stopping = run(&two, |_| 0.5);
    stopping.is_stopping = true;
    let views = [
        View::new("watch-12x1"),
        run(&two, |_| f32::NAN),
        run(&two, |step| if step < 3 { f32::MAX } else { f32::INFINITY }),
        run(&classes(&[], &[]), |_| -0.0),
        run(&values(f64::NAN), |step| step as f32 * 1e37),
        stopping,
    ];
    for view in &views {
        for width in [1, 2, 3, 4, 5, 8, 13, 21, 34, 55, 80, 300] {
            for height in [1, 2, 3, 4, 5, 6, 8, 13, 21, 24, 60] {
                screen(view, (width, height));
            }
        }
    }
    let nan = screen(&views[1], (80, 24));
    assert!(nan.contains("loss NaN") && screen(&views[5], (80, 24)).contains("stopping after this step"), "{nan}");
    let nothing = screen(&views[0], (80, 24));
    assert!(nothing.contains("watch-12x1: reads the data") && nothing.contains("not tested yet"), "{nothing}");
}
