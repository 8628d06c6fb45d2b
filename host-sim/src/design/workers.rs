//! Processes that train candidates, one per core.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;
use trainlet_worker::message::{Answer, Figures, Outcome, Request};

use super::Error;

/// Something that a worker has to do.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it is, for messages: "trains mlp-8-8".
    pub what: String,
    /// The request.
    pub request: Request,
}

/// The processes.
pub struct Pool {
    program: PathBuf,
    workers: Vec<Mutex<Worker>>,
    _folder: TempDir,
}

/// A process, and where it complains.
struct Worker {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    complaints: PathBuf,
}

/// Lines of what a worker complained about that are shown.
const SHOWN: usize = 6;

impl Pool {
    /// Starts as many as there are cores.
    ///
    /// # Errors
    /// A program that cannot be started.
    pub fn start(program: PathBuf) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(Error::file("the folder for temporary files"))?;
        let count = thread::available_parallelism().map_or(1, usize::from);
        let start = |index| Worker::start(&program, folder.path().join(format!("worker-{index}.txt"))).map(Mutex::new);
        let workers = (0..count).map(start).collect::<Result<_, _>>()?;
        Ok(Self { program, workers, _folder: folder })
    }

    /// The program that they run.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The figures of all candidates.
    ///
    /// # Errors
    /// A worker that dies.
    pub fn figures(&self) -> Result<Vec<Figures>, Error> {
        let job = Job { what: "lists the candidates".into(), request: Request::Figures };
        match self.workers[0].lock().unwrap_or_else(|poisoned| poisoned.into_inner()).ask(&job)? {
            Answer::Figures(figures) => Ok(figures),
            answer => Err(unexpected(&job, &answer)),
        }
    }

    /// Does the jobs, in any order, and gives the outcomes in theirs; `None` of those that were not begun before `is_over`.
    /// `done` is called after each with the number of the job.
    ///
    /// # Errors
    /// The first worker that dies or refuses; then no further job is begun.
    pub fn run(
        &self,
        jobs: &[Job],
        is_over: &(dyn Fn() -> bool + Sync),
        done: &(dyn Fn(usize, &Outcome) + Sync),
    ) -> Result<Vec<Option<Outcome>>, Error> {
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        let outcomes: Mutex<Vec<Option<Outcome>>> = Mutex::new(vec![None; jobs.len()]);
        thread::scope(|scope| {
            for worker in &self.workers {
                scope.spawn(|| {
                    let mut worker = lock(worker);
                    while !is_over() && lock(&failed).is_none() {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(job) = jobs.get(index) else { return };
                        match worker.train(job) {
                            Ok(outcome) => {
                                done(index, &outcome);
                                lock(&outcomes)[index] = Some(outcome);
                            }
                            Err(error) => *lock(&failed) = Some(error),
                        }
                    }
                });
            }
        });
        let failed = failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        failed.map_or_else(|| Ok(outcomes.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())), Err)
    }
}

/// A thread that panics has been reported by itself.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Worker {
    fn start(program: &Path, complaints: PathBuf) -> Result<Self, Error> {
        let start = |source| Error::Start { what: format!("runs {}", program.display()), source };
        let stderr = fs::File::create(&complaints).map_err(start)?;
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        // Ctrl-C at the terminal ends the search, which ends the workers.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(start)?;
        let missing = || start(std::io::Error::other("it has no standard input and output"));
        let (requests, answers) = (child.stdin.take().ok_or_else(missing)?, child.stdout.take().ok_or_else(missing)?);
        Ok(Self { child, requests: Some(requests), answers: BufReader::new(answers), complaints })
    }

    fn train(&mut self, job: &Job) -> Result<Outcome, Error> {
        match self.ask(job)? {
            Answer::Trained(outcome) => Ok(outcome),
            answer => Err(unexpected(job, &answer)),
        }
    }

    fn ask(&mut self, job: &Job) -> Result<Answer, Error> {
        let mut line = serde_json::to_vec(&job.request).unwrap_or_default();
        line.push(b'\n');
        let asked = self
            .requests
            .as_mut()
            .is_some_and(|requests| requests.write_all(&line).and_then(|()| requests.flush()).is_ok());
        let mut answer = String::new();
        let answered = asked && self.answers.read_line(&mut answer).is_ok_and(|bytes| bytes > 0);
        if !answered {
            return Err(self.died(job));
        }
        serde_json::from_str(&answer).map_err(|_| Error::Answer { what: job.what.clone(), answer })
    }

    fn died(&mut self, job: &Job) -> Error {
        self.requests = None;
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let complaints = fs::read(&self.complaints).unwrap_or_default();
        let complaints = String::from_utf8_lossy(&complaints);
        let output: String = complaints.lines().take(SHOWN).map(|line| format!("\n{line}")).collect();
        Error::Died { what: job.what.clone(), status, output }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Its input ends, but it may be in the middle of a long training.
        self.requests = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unexpected(job: &Job, answer: &Answer) -> Error {
    let what = job.what.clone();
    match answer {
        Answer::Refused(reason) => Error::Refused { what, reason: reason.clone() },
        answer => Error::Answer { what, answer: format!("{answer:?}") },
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use trainlet_worker::message::Model;

    fn job() -> Job {
        let request = Request::Baseline { model: Model::Ridge, split: PathBuf::new(), classes: 2 };
        Job { what: "trains mlp-8-8".into(), request }
    }

    /// A worker that is a script.
    fn pool(script: &str) -> (Pool, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("worker");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (Pool::start(path).unwrap(), folder)
    }

    #[test]
    fn a_worker_that_dies_is_named() {
        let (pool, _folder) = pool("read line; echo no room left >&2; exit 7");
        let message = pool.run(&[job(), job()], &|| false, &|_, _| ()).unwrap_err().to_string();
        for part in ["trains mlp-8-8", "exit status: 7", "no room left"] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn what_a_worker_refuses_is_said_and_no_job_begins_when_it_is_over() {
        let (pool, _folder) = pool(r#"while read line; do echo '{"refused":"there is no such candidate"}'; done"#);
        let message = pool.run(&[job()], &|| false, &|_, _| ()).unwrap_err().to_string();
        assert!(message.contains("refused: there is no such candidate"), "{message}");
        assert_eq!(pool.run(&[job()], &|| true, &|_, _| ()).unwrap(), [None]);
    }
}
