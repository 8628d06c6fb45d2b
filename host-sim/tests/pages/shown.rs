//! Output that pages show, and the commands that print it.

use std::fs;

use crate::cli::Cli;
use crate::repository;

/// A block of a page, the first words of its first line, and the command whose output it is.
pub type Shown = (&'static str, &'static str, &'static str);

/// Seconds.
pub const QUICK: [Shown; 2] =
    [("README.md", "test result", "train"), ("docs/start.md", "CRC-32 of the weights", "train")];

/// Up to an hour.
pub const SLOW: [Shown; 9] = [
    ("docs/boards.md", "trainlet standalone:", "board --qemu stm32f405 --standalone"),
    ("docs/stream.md", "trainlet stream:", "board --qemu stm32f405 --stream"),
    ("docs/speed.md", "window", "bench"),
    ("docs/speed.md", "network", "bench --growth"),
    ("docs/memory.md", "mode", "study modes --accuracy"),
    ("docs/training.md", "idea", "study ideas --accuracy"),
    (
        "docs/blocks.md",
        "network",
        "study compare --dropout 0.3 --network watch-16x2 watch-mlp watch-convnext watch-separable watch-resnet watch-resnext \
         watch-pyramid alter-4 watch-lambda watch-inception",
    ),
    (
        "docs/spectrum.md",
        "after 3 epochs",
        "study curvature --network watch-16x2,watch-mlp,watch-convnext,watch-separable,watch-resnet,watch-resnext,alter-4,\
         watch-lambda,watch-pyramid",
    ),
    ("docs/notebook.md", "rung", "study ablation --data watch --epochs 25"),
];

/// Blocks that no command here prints: drawings, what another test compares, and what is of data that cannot be passed on.
const OTHERS: [(&str, &str); 9] = [
    ("docs/arena.md", "gradient"),
    ("docs/arena.md", "forward"),
    ("docs/firmware.md", "MEMORY"),
    ("docs/firmware.md", "254 weights,"),
    ("docs/tables.md", "t.csv:"),
    ("docs/tables.md", "network"),
    ("docs/notebook.md", "rung"),
    ("examples/c/README.md", "579 of 773 windows"),
    ("examples/c/README.md", "Trainlet/library.properties"),
];

/// The line of a block in place of lines that are not shown.
const GAP: &str = "...";

/// What is measured by the clock of this computer stands before these.
const BY_THE_CLOCK: [&str; 2] = ["samples/s,", "microseconds"];

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn begins_with(line: &str, start: &str) -> bool {
    words(line).starts_with(&words(start))
}

/// Whether two lines say the same, but for what the clock says.
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let is_by_the_clock = |at: usize| one.get(at + 1).is_some_and(|word| BY_THE_CLOCK.contains(word));
    one.len() == other.len() && (0..one.len()).all(|at| one[at] == other[at] || is_by_the_clock(at))
}

/// What tells a line from the others around it: the words before its first figure, and the number of its epoch.
fn label(line: &str) -> Vec<&str> {
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c));
    let is_checksum = |word: &str| word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit());
    let is_figure = |word: &&str| !word.ends_with(':') && (is_number(word) || is_checksum(word));
    words(line).into_iter().take_while(|word| !is_figure(word)).collect()
}

/// The pieces of a text between its fences; every other one is a block, with its language before its first line.
fn pieces(text: &str) -> Vec<&str> {
    text.split("\n```").collect()
}

/// The lines of a block that shows output, if a piece is one.
fn output(piece: &str) -> Option<&str> {
    piece.strip_prefix("text\n")
}

/// The page, and which of its pieces is the block; of several with the same start, the last.
fn find((page, start, _): Shown) -> (String, usize) {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let is_it = |piece: &&str| output(piece).is_some_and(|block| begins_with(block.lines().next().unwrap(), start));
    let at = pieces(&text).iter().rposition(is_it).unwrap_or_else(|| panic!("{page} shows no `{start}`"));
    (text, at)
}

/// The lines that are shown must be printed, in their order.
pub fn check(shown: Shown) {
    let (page, _, command) = shown;
    let (text, at) = find(shown);
    let printed = Cli::new().ok(command);
    let mut rest = printed.lines();
    for line in output(pieces(&text)[at]).unwrap().lines().filter(|line| *line != GAP) {
        let is_there = rest.any(|printed| same(line, printed));
        assert!(is_there, "{page}: `host-sim {command}` does not print `{line}` there, but\n{printed}");
    }
}

/// Puts what is printed in place of what is shown.
pub fn renew(shown: Shown) {
    let (page, start, command) = shown;
    let (text, at) = find(shown);
    let printed = Cli::new().ok(command);
    let mut pieces: Vec<_> = pieces(&text).into_iter().map(String::from).collect();
    let block = output(&pieces[at]).unwrap();
    let renewed = if block.lines().any(|line| line == GAP) {
        lines(block, &printed)
    } else {
        paragraphs(block.split("\n\n").count(), start, &printed)
    };
    let renewed = renewed.unwrap_or_else(|like| {
        panic!("{page}: `host-sim {command}` prints nothing like `{like}` there, but\n{printed}")
    });
    pieces[at] = format!("text\n{renewed}");
    fs::write(repository().join(page), pieces.join("\n```")).unwrap();
}

/// A block with gaps: each line as it is printed, or the line that nothing printed is like.
fn lines(block: &str, printed: &str) -> Result<String, String> {
    let printed: Vec<_> = printed.lines().collect();
    let (mut next, mut is_gap) = (0, false);
    let renewed = block.lines().map(|line| {
        let rest = &printed[next..];
        let like = |other: &&str| label(other) == label(line);
        // What is the same stays, its clock too. Behind a gap the last one counts.
        let same = rest.iter().position(|other| same(line, other));
        let found = same.or_else(|| if is_gap { rest.iter().rposition(like) } else { rest.iter().position(like) });
        is_gap = line == GAP;
        if is_gap {
            return Ok(line);
        }
        let at = found.ok_or(line)?;
        next += at + 1;
        Ok(if same.is_some() { line } else { rest[at].trim_end() })
    });
    renewed.collect::<Result<Vec<_>, _>>().map(|lines| lines.join("\n"))
}

/// A block without gaps: paragraphs from the line with this start, which is the error if there is none.
fn paragraphs(count: usize, start: &str, printed: &str) -> Result<String, String> {
    let lines = printed.lines().skip_while(|line| !begins_with(line, start)).map(str::trim_end);
    let rest = lines.collect::<Vec<_>>().join("\n");
    let paragraphs: Vec<_> = rest.split("\n\n").take(count).collect();
    if rest.is_empty() { Err(start.into()) } else { Ok(paragraphs.join("\n\n")) }
}

/// Blocks that show output but are in no list.
pub fn unlisted(page: &str, text: &str) -> Vec<String> {
    let listed = QUICK.iter().chain(&SLOW).map(|(page, start, _)| (*page, *start)).chain(OTHERS);
    let starts: Vec<_> = listed.filter(|(name, _)| *name == page).map(|(_, start)| start).collect();
    let firsts = pieces(text).into_iter().filter_map(output).map(|block| block.lines().next().unwrap().to_string());
    firsts.filter(|first| !starts.iter().any(|start| begins_with(first, start))).collect()
}
