//! Predicts rows from standard input: values with tabs between them, nothing where one is missing.

use std::io::stdin;

use flashed::predict;
use flashed::weights::Row;

fn main() {
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
