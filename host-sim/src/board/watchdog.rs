//! Ends a process when this one ends, even if this one is killed.

use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

/// While it lives, a process ends with this one. Dropped, it lets the process go.
pub struct Watchdog(Option<Child>);

/// Is told the number of a process, waits for the end of its input, which is that of host-sim, and kills the process. A terminal sends its
/// signals to all that it has started: one that ends host-sim is not to end this first.
const SCRIPT: &str = "trap '' HUP INT QUIT TERM; echo; read -r process || exit; read -r _; kill -9 \"$process\"";

impl Watchdog {
    /// Is ready to watch, before there is a process that could be left alone. Where there is no shell nothing is watched.
    pub fn new() -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = shell.spawn().ok();
        if let Some(mut output) = shell.as_mut().and_then(|shell| shell.stdout.take()) {
            // What it says as soon as no signal ends it any more.
            let _ = output.read_exact(&mut [0]);
        }
        Self(shell)
    }

    /// Watches over a process.
    pub fn over(mut self, process: &Child) -> Self {
        if let Some(input) = self.0.as_mut().and_then(|shell| shell.stdin.as_mut()) {
            // Fails only if the shell has ended, which then watches nothing.
            let _ = writeln!(input, "{}", process.id());
        }
        self
    }

    fn end(&mut self) -> io::Result<()> {
        // Killed before its input ends, so that it kills nobody.
        if let Some(shell) = &mut self.0 {
            shell.kill()?;
            shell.wait()?;
        }
        Ok(())
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // It can only fail if the shell has ended by itself.
        let _ = self.end();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    fn process() -> Child {
        Command::new("sleep").arg("60").spawn().unwrap()
    }

    fn ends_without_us(mut process: Child, mut watchdog: Watchdog) {
        // As if this process had been killed.
        drop(watchdog.0.as_mut().unwrap().stdin.take());
        assert_eq!(process.wait().unwrap().signal(), Some(9));
    }

    #[test]
    fn the_process_ends_when_our_end_of_the_pipe_is_gone() {
        let process = process();
        let watchdog = Watchdog::new().over(&process);
        ends_without_us(process, watchdog);
    }

    #[test]
    fn signals_to_all_that_a_terminal_has_started_do_not_end_the_watch() {
        let process = process();
        let mut watchdog = Watchdog::new().over(&process);
        let shell = watchdog.0.as_mut().unwrap().id().to_string();
        for signal in ["HUP", "INT", "QUIT", "TERM"] {
            assert!(Command::new("kill").args(["-s", signal, &shell]).status().unwrap().success());
        }
        ends_without_us(process, watchdog);
    }

    #[test]
    fn a_process_that_is_let_go_goes_on() {
        let mut process = process();
        drop(Watchdog::new().over(&process));
        assert!(process.try_wait().unwrap().is_none());
        process.kill().unwrap();
        process.wait().unwrap();
    }
}
