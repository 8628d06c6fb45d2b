//! What commands print and write.

use std::borrow::Cow;
use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;
use serde_json::Value;

use super::page::PageOptions;
use crate::report::{Report, changes};
use crate::run::output::{STDOUT, check_all, write};
use crate::run::quiet::is_quiet;

/// Draws rows as SVG.
pub type Draw<'a, R> = Box<dyn Fn(&[R]) -> Result<String, Box<dyn Error>> + 'a>;

/// The files that a command writes beside its table.
pub struct Files<'a, R> {
    reads: Vec<(&'static str, Option<&'a str>)>,
    before: Option<&'a str>,
    json: &'a Option<String>,
    pictures: Vec<(&'static str, &'a Option<String>, Draw<'a, R>)>,
    page: Option<(&'static str, &'a PageOptions)>,
}

impl<'a, R: Serialize> Files<'a, R> {
    /// The figures, as `--json` names them.
    pub fn json(json: &'a Option<String>) -> Self {
        Self { reads: Vec::new(), before: None, json, pictures: Vec::new(), page: None }
    }

    /// Where the figures go.
    pub fn figures(&self) -> Option<&'a str> {
        self.json.as_deref()
    }

    /// A page under this title as well, with the table and all pictures.
    pub fn page(self, title: &'static str, options: &'a PageOptions) -> Self {
        Self { page: Some((title, options)), ..self }
    }

    /// Where the page goes.
    pub fn page_path(&self) -> Option<&'a str> {
        self.page.and_then(|(_, options)| options.report.as_deref())
    }

    /// Files that the command reads and must not write.
    pub fn reading(mut self, files: impl IntoIterator<Item = (&'static str, Option<&'a str>)>) -> Self {
        self.reads.extend(files);
        self
    }

    /// Figures of an earlier run, as `--against` names them: what has changed since is shown as well.
    pub fn against(mut self, before: &'a Option<String>) -> Self {
        self.reads.push((AGAINST, before.as_deref()));
        self.before = before.as_deref();
        self
    }

    /// A picture as well, as `--svg` names it.
    pub fn svg(self, path: &'a Option<String>, draw: impl Fn(&[R]) -> Result<String, Box<dyn Error>> + 'a) -> Self {
        self.picture("--svg", path, draw)
    }

    /// A picture that another option names.
    pub fn picture(
        mut self,
        option: &'static str,
        path: &'a Option<String>,
        draw: impl Fn(&[R]) -> Result<String, Box<dyn Error>> + 'a,
    ) -> Self {
        self.pictures.push((option, path, Box::new(draw)));
        self
    }

    /// Computes rows, prints them as a table and writes the files. Files that cannot be written are found first.
    pub fn report<E: Into<Box<dyn Error>>, T: Into<Report>>(
        self,
        rows: impl FnOnce() -> Result<Vec<R>, E>,
        table: impl FnOnce(&[R]) -> T,
    ) -> Result<Vec<R>, Box<dyn Error>> {
        let pictures = self.pictures.iter().map(|(option, path, _)| (*option, path.as_deref()));
        let others = [("--json", self.json.as_deref()), ("--report", self.page_path())];
        check_all(&self.reads, &pictures.chain(others).collect::<Vec<_>>())?;
        let before = self.before.map(read_figures).transpose()?;
        let rows = rows().map_err(Into::into)?;
        let mut report: Report = table(&rows).into();
        if let Some(before) = before {
            report = report.with(changes(&before, &serde_json::to_value(&rows)?));
        }
        let files = self.pictures.iter().map(|(_, path, _)| path.as_deref());
        print_beside(files.chain([self.figures(), self.page_path()]), &report)?;
        if let Some(path) = self.json {
            write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
        }
        for (option, path, draw) in &self.pictures {
            if let Some(path) = path {
                write(option, path, draw(&rows)?.as_bytes())?;
            }
        }
        if let Some((title, options)) = self.page {
            options.write(title, &report, || self.pictures.iter().map(|(.., draw)| draw(&rows)).collect())?;
        }
        Ok(rows)
    }
}

const AGAINST: &str = "--against";

/// What an earlier run has written with `--json`.
fn read_figures(path: &str) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{AGAINST} {path}: cannot be read ({error})"))?;
    serde_json::from_str(&text).map_err(|error| format!("{AGAINST} {path}: --json has not written this ({error})"))
}

/// A report; to standard error where one of the files goes to standard output.
pub fn print_beside<'a>(
    files: impl IntoIterator<Item = Option<&'a str>>,
    report: &Report,
) -> Result<(), Box<dyn Error>> {
    let report = report.to_string();
    if files.into_iter().any(|path| path == Some(STDOUT)) {
        note(&report);
        return Ok(());
    }
    print(&report)
}

/// What a person may want to know meanwhile, to standard error.
pub fn note(line: &str) {
    if !is_quiet() {
        eprintln!("{}", printable(line));
    }
}

/// A report, to standard output.
pub fn print(report: &str) -> Result<(), Box<dyn Error>> {
    write_out(printable(report).as_bytes())
}

/// Data, to standard output: byte for byte, but not to a terminal.
pub fn print_data(data: &[u8]) -> Result<(), Box<dyn Error>> {
    if io::stdout().is_terminal() { print(&String::from_utf8_lossy(data)) } else { write_out(data) }
}

/// The reader of standard output may leave when it has seen enough.
fn write_out(bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let newline: &[u8] = if bytes.ends_with(b"\n") { b"" } else { b"\n" };
    match out.write_all(bytes).and_then(|()| out.write_all(newline)).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The text with all that a terminal would obey, or read in another direction, spelt out: names come from files of strangers.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return text.into();
    }
    text.chars()
        .fold(String::new(), |mut shown, c| {
            if is_obeyed(c) {
                shown.extend(c.escape_unicode())
            } else {
                shown.push(c)
            }
            shown
        })
        .into()
}

fn is_obeyed(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        assert_eq!(printable("größer\n│ 1 │ −2\n"), "größer\n│ 1 │ −2\n");
        assert_eq!(printable("a\u{1b}[31mb\r\u{9b}\u{202e}c"), "a\\u{1b}[31mb\\u{d}\\u{9b}\\u{202e}c");
    }
}
