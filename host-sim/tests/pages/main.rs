//! README.md and the guides keep their word: each command that they show is run here, shortened where it takes long, or by the test or
//! the part of `.ci/run` that `elsewhere.rs` names; what they show is what is printed; options in the text are those that host-sim has; links lead somewhere.

#[path = "../cli/mod.rs"]
mod cli;
mod elsewhere;
mod fixtures;
mod page;
mod shorten;
mod shown;

use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process;

use clap::Command;
use clap::error::ErrorKind;
use page::Page;
use rayon::prelude::*;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Why the command line has no such commands or options.
fn error(line: &str) -> Option<String> {
    let error = host_sim::command().try_get_matches_from(line.split(' ')).err()?;
    // A text may name a command or an option without all that it takes.
    let is_short = matches!(error.kind(), ErrorKind::MissingRequiredArgument | ErrorKind::InvalidValue);
    let is_wrong = error.use_stderr() && !is_short;
    is_wrong.then(|| error.to_string())
}

/// The pages one beside the other; the commands of a page one after the other in a folder of its own, since they use each other's files.
#[test]
fn every_command_is_run() {
    Page::all().par_iter().for_each(|page| {
        let cli = fixtures::folder();
        for line in page.commands() {
            if line.starts_with("awk ") {
                let status =
                    process::Command::new("sh").args(["-c", &line]).current_dir(cli.path("")).status().unwrap();
                assert!(status.success(), "{}: `{line}`", page.name);
            } else if !elsewhere::is_run(page, &line) {
                let words =
                    line.strip_prefix("host-sim").unwrap_or_else(|| panic!("{}: what runs `{line}`?", page.name));
                cli.ok(&shorten::shorten(words));
            }
        }
    });
}

/// With `TRAINLET_RENEW` set it is printed again.
fn look_at(shown: &[shown::Shown]) {
    let look = if env::var_os("TRAINLET_RENEW").is_some() { shown::renew } else { shown::check };
    shown.iter().for_each(|shown| look(*shown));
}

#[test]
fn shown_output_is_printed() {
    look_at(&shown::QUICK);
}

#[test]
#[ignore = "studies and emulated boards: an hour or two with --release"]
fn shown_output_of_hours_is_printed() {
    look_at(&shown::SLOW);
}

#[test]
fn every_output_that_is_shown_has_its_command() {
    for page in Page::all() {
        let unlisted = shown::unlisted(&page.name, &fs::read_to_string(&page.path).unwrap());
        assert!(unlisted.is_empty(), "{}: which command of shown.rs prints {unlisted:?}?", page.name);
    }
}

#[test]
fn every_command_line_is_one_of_host_sim() {
    let check = || {
        host_sim::networks::install(host_sim::networks::builtin());
        for (page, line) in page::all_commands() {
            let error = if line.starts_with("host-sim ") { error(&line) } else { None };
            assert!(error.is_none(), "{page}: `{line}`: {error:?}");
        }
    };
    // All options at once are more than the stack of a test holds.
    std::thread::Builder::new().stack_size(32 << 20).spawn(check).unwrap().join().unwrap();
}

/// Options of other programs: cargo, espflash, those in boards/rp2040/emulator and examples/fleet.
const OF_OTHERS: [&str; 9] = [
    "--",
    "--include-ignored",
    "--no-default-features",
    "--features",
    "--partition-table",
    "--usb",
    "--alone",
    "--kill",
    "--device",
];

#[test]
fn every_option_is_one_of_host_sim() {
    let known = options(&host_sim::command());
    let is_known = |option: &str| known.contains(option) || OF_OTHERS.contains(&option);
    let unknown: Vec<_> = page::all_options().into_iter().filter(|(_, option)| !is_known(option)).collect();
    assert!(unknown.is_empty(), "no command has these: {unknown:?}");
}

/// Of a command and of those below it.
fn options(command: &Command) -> HashSet<String> {
    let own = command.get_arguments().filter_map(|option| option.get_long()).map(|name| format!("--{name}"));
    let own = own.chain(["--help".into(), "--version".into()]);
    own.chain(command.get_subcommands().flat_map(options)).collect()
}

#[test]
fn the_page_of_options_has_each_of_train() {
    let page = fs::read_to_string(repository().join("docs/options.md")).unwrap();
    let command = host_sim::command();
    for option in options(command.find_subcommand("train").unwrap()).iter().filter(|name| *name != "--version") {
        let is_there = [format!("`{option}`"), format!("`{option} ")].iter().any(|name| page.contains(name));
        assert!(is_there, "docs/options.md has no {option}");
    }
}

/// The README has every network, with the figures that `networks` prints.
#[test]
fn the_table_of_networks_is_that_of_today() {
    let page = fs::read_to_string(repository().join("README.md")).unwrap();
    for network in host_sim::networks::all() {
        let start = format!("| `{}` |", network.name);
        let lines = page.lines().filter(|line| line.starts_with(&start) && line.matches('|').count() == 7);
        let cells: Vec<_> =
            lines.map(|line| line.split('|').skip(3).take(4).map(|cell| cell.trim().replace(',', ""))).collect();
        let figures = [network.parameters, network.budget.total, network.arena, network.infer];
        assert_eq!(cells.len(), 1, "{start}");
        assert!(cells.into_iter().next().unwrap().eq(figures.map(|figure| figure.to_string())), "{start} {figures:?}");
    }
}

/// The rows of the README's table of modes are some of the guide's, which a command prints.
#[test]
fn the_table_of_modes_is_that_of_the_guide() {
    let read = |page| fs::read_to_string(repository().join(page)).unwrap();
    let (page, guide) = (read("README.md"), read("docs/memory.md"));
    let mut compared = 0;
    for row in page.lines().filter(|line| line.starts_with("| `") && line.matches('|').count() == 8) {
        let mode = row.split('`').nth(1).unwrap();
        let of_guide = guide.lines().find(|line| line.starts_with(&format!(" {mode} "))).unwrap();
        let figures =
            row.split('|').skip(2).map(str::trim).filter(|cell| cell.starts_with(|c: char| c.is_ascii_digit()));
        let missing: Vec<_> = figures.filter(|figure| !of_guide.contains(&format!(" {figure}"))).collect();
        assert!(missing.is_empty(), "{mode}: the guide has {of_guide}, not {missing:?}");
        compared += 1;
    }
    assert_eq!(compared, 7);
}

/// `cargo test` with a name of a test that is gone passes, since it runs nothing.
#[test]
fn every_test_that_is_named_is_there() {
    let named = page::all_commands().into_iter().filter(|(_, line)| line.starts_with("cargo test"));
    for (page, line) in named {
        let mut words = line.split(' ').skip_while(|word| *word != "--test").skip(1);
        let Some(name) = words.next() else { continue };
        let folders = ["", "host-sim/", "host-sim/networks/", "boards/app/", "boards/stm32f405/"];
        let tests = folders.map(|folder| repository().join(format!("{folder}tests/{name}")));
        let files = tests.iter().flat_map(|test| {
            let parts = fs::read_dir(test).into_iter().flatten().map(|part| part.unwrap().path());
            parts.chain([test.with_extension("rs")])
        });
        let texts = files.filter_map(|file| fs::read_to_string(file).ok());
        let text: String = texts.collect();
        assert!(!text.is_empty(), "{page}: `{line}`");
        // What follows is a part of a test's name.
        let filter = words.next().filter(|word| !word.starts_with('-'));
        assert!(filter.is_none_or(|filter| text.contains(filter)), "{page}: `{line}`");
    }
}

#[test]
fn the_book_has_every_guide() {
    let summary = fs::read_to_string(repository().join("docs/SUMMARY.md")).unwrap();
    for page in
        Page::all().iter().filter_map(|page| page.name.strip_prefix("docs/").filter(|name| *name != "SUMMARY.md"))
    {
        assert_eq!(summary.matches(&format!("]({page})")).count(), 1, "docs/SUMMARY.md and {page}");
    }
}

#[test]
fn links_lead_to_files_and_headings() {
    for page in Page::all() {
        for link in page.links() {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let path = if file.is_empty() { page.path.clone() } else { page.path.with_file_name("").join(file) };
            assert!(path.exists(), "{}: there is no {link}", page.name);
            if !heading.is_empty() {
                let headings = page::headings(&fs::read_to_string(&path).unwrap());
                assert!(headings.contains(&heading.to_string()), "{}: {link} is none of {headings:?}", page.name);
            }
        }
    }
}
