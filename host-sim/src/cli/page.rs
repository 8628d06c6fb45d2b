//! `--report` of the commands that compare.

use std::error::Error;

use crate::report::Report;
use crate::report::page::{Origin, comparison};
use crate::run::output::write;

/// Where a page goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PageOptions {
    /// Write a page with all tables and pictures; it opens in any browser, without a network
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<String>,
}

/// Why there is no page of a part.
pub const PART: &str =
    "--report: a part of the runs has no page; put the parts together with --merge, and ask for it there";

impl PageOptions {
    /// Writes the page, if it is asked for. Pictures are drawn by `draw`, as SVG.
    pub fn write(
        &self,
        title: &str,
        report: &Report,
        draw: impl FnOnce() -> Result<Vec<String>, Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let Some(path) = &self.report else { return Ok(()) };
        let page = comparison(title, report, &draw()?, &Origin::of_process());
        Ok(write("--report", path, page.as_bytes())?)
    }
}
