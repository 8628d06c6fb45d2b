//! Ends a process when this one ends, even if this one is killed.

use std::io;
use std::process::{Child, Command, Stdio};

/// While it lives, a process ends with this one. Dropped, it lets the process go.
pub struct Watchdog(Option<Child>);

/// Waits for the end of its input, which is that of host-sim, and kills the process whose number is its first argument.
const SCRIPT: &str = "read -r _; kill -9 \"$0\"";

impl Watchdog {
    /// Watches over a process. Where there is no shell nothing is watched.
    pub fn over(process: &Child) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, &process.id().to_string()]);
        Self(shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok())
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

    #[test]
    fn the_process_ends_when_our_end_of_the_pipe_is_gone() {
        let mut process = process();
        let mut watchdog = Watchdog::over(&process);
        // As if this process had been killed.
        drop(watchdog.0.as_mut().unwrap().stdin.take());
        assert_eq!(process.wait().unwrap().signal(), Some(9));
    }

    #[test]
    fn a_process_that_is_let_go_goes_on() {
        let mut process = process();
        drop(Watchdog::over(&process));
        assert!(process.try_wait().unwrap().is_none());
        process.kill().unwrap();
        process.wait().unwrap();
    }
}
