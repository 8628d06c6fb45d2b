//! The process that answers requests.

use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use crate::candidate::Candidate;
use crate::message::{Answer, Outcome, Request};
use crate::split::Split;
use crate::training::train;

/// A build without optimisation passes a boxed trainer through the stack.
const STACK: usize = 64 << 20;

/// Splits that are kept for further requests.
const KEPT: usize = 4;

/// Answers requests on standard input until it ends.
pub fn serve(candidates: &'static [Candidate]) -> ExitCode {
    let thread = thread::Builder::new().stack_size(STACK).spawn(|| answer_all(candidates));
    match thread.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        // A panic has said what it is.
        Ok(Err(_)) => ExitCode::FAILURE,
        Ok(Ok(Err(error))) | Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer_all(candidates: &[Candidate]) -> io::Result<()> {
    let mut worker = Worker { candidates, splits: Vec::new() };
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(request) => worker.answer(request).unwrap_or_else(Answer::Refused),
            Err(error) => Answer::Refused(error.to_string()),
        };
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

struct Worker<'a> {
    candidates: &'a [Candidate],
    splits: Vec<(PathBuf, Split)>,
}

impl Worker<'_> {
    fn answer(&mut self, request: Request) -> Result<Answer, String> {
        let started = Instant::now();
        let outcome = match request {
            Request::Figures => {
                let figures = self.candidates.iter().map(|candidate| (candidate.figures)()).collect();
                return Ok(Answer::Figures(figures));
            }
            Request::Train { candidate, split, recipe, seed } => {
                let candidate = *self.candidates.get(candidate).ok_or("there is no such candidate")?;
                train(&candidate, self.split(&split)?, &recipe, seed)?
            }
            #[cfg(feature = "baselines")]
            Request::Baseline { model, split, classes } => crate::baseline::fit(model, self.split(&split)?, classes),
            #[cfg(not(feature = "baselines"))]
            Request::Baseline { .. } => return Err("this worker has no plain models".into()),
        };
        Ok(Answer::Trained(Outcome { seconds: started.elapsed().as_secs_f64(), ..outcome }))
    }

    fn split(&mut self, path: &Path) -> Result<&Split, String> {
        if let Some(place) = self.splits.iter().position(|(known, _)| known == path) {
            let found = self.splits.remove(place);
            self.splits.push(found);
        } else {
            let split = Split::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            if self.splits.len() == KEPT {
                self.splits.remove(0);
            }
            self.splits.push((path.into(), split));
        }
        let (_, split) = self.splits.last().ok_or("no split")?;
        Ok(split)
    }
}
