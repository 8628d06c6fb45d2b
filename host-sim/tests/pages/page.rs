//! A page in Markdown.

use std::fs;
use std::path::PathBuf;

use crate::repository;

/// Of the repository.
pub struct Page {
    /// From its root.
    pub name: String,
    pub path: PathBuf,
    text: String,
}

impl Page {
    /// All that tell a user what to type.
    pub fn all() -> Vec<Self> {
        let root = repository();
        let below = |folder: &str| {
            let mut files: Vec<_> =
                fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            files
        };
        let of_examples =
            below("examples").into_iter().map(|folder| folder.join("README.md")).filter(|path| path.is_file());
        let guides =
            below("docs").into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
        let top = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root.join(name));
        let pages = top.into_iter().chain(guides).chain(of_examples);
        let page = |path: PathBuf| {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            Self { name, text: fs::read_to_string(&path).unwrap(), path }
        };
        pages.map(page).collect()
    }

    /// The commands of its blocks, in order, as if host-sim were on the path.
    pub fn commands(&self) -> Vec<String> {
        let mut commands = Vec::new();
        for block in self.text.split("\n```sh\n").skip(1) {
            let block = block.split("\n```").next().unwrap().replace("\\\n", " ");
            // What is between quotes goes on over lines.
            let parts = block.split('\'').enumerate();
            let block: Vec<_> =
                parts.map(|(at, part)| if at % 2 == 0 { part.into() } else { part.replace('\n', " ") }).collect();
            let block = block.join("'");
            let lines = block.lines().map(|line| line.split(" #").next().unwrap());
            commands.extend(lines.flat_map(|line| line.split(" && ")).map(plain).filter(|line| !line.is_empty()));
        }
        commands
    }

    /// What stands between backquotes in its text.
    fn quoted(&self) -> Vec<String> {
        let text: String = self.text.split("\n```").step_by(2).collect();
        text.split('`').skip(1).step_by(2).map(|quoted| quoted.replace('\n', " ")).collect()
    }

    /// The commands among it.
    pub fn commands_in_text(&self) -> Vec<String> {
        let commands = self.quoted().into_iter().map(|line| plain(&line));
        commands.filter(|line| line.starts_with("host-sim ") || line.starts_with("cargo ")).collect()
    }

    /// Where its links within the repository lead.
    pub fn links(&self) -> Vec<String> {
        let text: String = self.text.split("\n```").step_by(2).collect();
        let targets = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_string());
        targets.filter(|link| !link.contains("://") && !link.contains("::")).collect()
    }
}

/// Those of all pages, in blocks and in text, with the name of their page.
pub fn all_commands() -> Vec<(String, String)> {
    let of = |page: Page| {
        let commands = page.commands().into_iter().chain(page.commands_in_text());
        commands.map(move |line| (page.name.clone(), line)).collect::<Vec<_>>()
    };
    Page::all().into_iter().flat_map(of).collect()
}

/// The options between backquotes in the text of the pages that tell of host-sim.
pub fn all_options() -> Vec<(String, String)> {
    let of = |page: Page| {
        let options = page.quoted().into_iter().filter(|quoted| quoted.starts_with("--") && quoted.len() > 2);
        let name = |quoted: String| quoted.split([' ', '=']).next().unwrap().to_string();
        options.map(|quoted| (page.name.clone(), name(quoted))).collect::<Vec<_>>()
    };
    Page::all().into_iter().flat_map(of).collect()
}

/// Without variables before it, and with one space between words.
fn plain(line: &str) -> String {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line
        .strip_prefix("cargo run --release -p host-sim")
        .map_or(line.clone(), |rest| format!("host-sim{}", rest.strip_prefix(" --").unwrap_or(rest)));
    let is_variable = |word: &&str| {
        word.split('=').next().is_some_and(|name| {
            word.contains('=') && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
    };
    line.split(' ').skip_while(is_variable).collect::<Vec<_>>().join(" ")
}

/// The names by which a browser finds the headings of a text.
pub fn headings(text: &str) -> Vec<String> {
    let outside: String = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
    let titles = outside
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let name = |title: String| {
        title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
    };
    titles.map(name).collect()
}
