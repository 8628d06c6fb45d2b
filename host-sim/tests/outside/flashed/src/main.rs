//! Predicts rows from standard input: values with tabs between them, nothing where one is missing.

use std::io::stdin;

use flashed::weights::Row;
use flashed::{angles, angles_from_bytes, predict, tilt};

fn main() {
    let asked = |name: &str| std::env::args().any(|argument| argument == name);
    for (name, angles) in [("tilt", angles as Angles), ("bytes", angles_from_bytes)] {
        if asked(name) {
            return stdin().lines().for_each(|line| tilt(&line.unwrap(), angles));
        }
    }
    for line in stdin().lines() {
        let line = line.unwrap();
        let mut cells = line.split('\t');
        let mut next = || cells.next().unwrap();
        let number = |text: &str| text.parse::<f32>().ok();
        let row = Row {
            size: number(next()),
            temperature_c: number(next()),
            valid: next().parse().ok(),
            uptime: next().parse().ok(),
            serial: next().parse().ok(),
            price: number(next()),
            type_: number(next()),
            day: next().parse().ok(),
            kind: next(),
        };
        match predict(&row) {
            Some((name, probabilities)) => println!("{name},{}", probabilities.map(|p| p.to_string()).join(",")),
            None => println!("refused"),
        }
    }
}

type Angles = fn(&tilt::Row) -> Option<[f32; tilt::VALUES.len()]>;

/// The columns of a table of angles, with commas between them.
fn tilt(line: &str, angles: Angles) {
    let mut cells = line.split(',').map(|cell| cell.parse::<f32>().unwrap());
    let mut next = || cells.next().unwrap();
    let row = tilt::Row {
        a: next(),
        b: next(),
        c: next(),
        d: next(),
        e: next(),
        f: next(),
        g: next(),
        h: next(),
        i: next(),
    };
    println!("{}", angles(&row).unwrap().map(|angle| angle.to_string()).join(","));
}
