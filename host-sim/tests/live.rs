//! `--tui`: where it is refused, and how a run that has the terminal is stopped.

mod cli;

use cli::Cli;

#[test]
fn what_cannot_be_shown_is_refused_before_anything_is_done() {
    let cli = Cli::new();
    cli.complains(2, "train --tui --json -", &["--tui", "--json -", "give --json a file"]);
    cli.complains(2, "train --tui --quiet", &["--tui", "--quiet"]);
    for line in ["train --tui --save w.safetensors --tensorboard runs", "board --qemu stm32f405 --tui"] {
        cli.complains(2, line, &["--tui", "needs a terminal"]);
    }
    for line in ["train --folds 2 --tui", "board --port x --status --tui", "board --qemu stm32f405 --standalone --tui"]
    {
        assert!(cli.fails(2, line).contains("cannot be used with"), "{line}");
    }
    assert!(cli.names().is_empty());
}

#[cfg(unix)]
mod in_a_terminal {
    use std::fs::OpenOptions;
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use serialport::{SerialPort as _, TTYPort};

    use super::Cli;

    /// What a run writes to its terminal, and its code, when this key is pressed after the first steps.
    fn stopped_by(cli: &Cli, key: &[u8]) -> (String, Option<i32>) {
        let (mut user, terminal) = TTYPort::pair().unwrap();
        user.set_timeout(Duration::from_secs(60)).unwrap();
        let path = terminal.name().unwrap();
        let terminal = || Stdio::from(OpenOptions::new().read(true).write(true).open(&path).unwrap());
        let size = Command::new("stty").args(["rows", "24", "cols", "80"]).stdin(terminal()).status();
        assert!(size.unwrap().success());
        let program = assert_cmd::cargo::cargo_bin("host-sim");
        let mut run = Command::new(program)
            .args(["train", "--epochs", "100000", "--validation", "0.2", "--checkpoint"])
            .arg(cli.path("run.ckpt"))
            .arg("--tui")
            .stdin(terminal())
            .stdout(terminal())
            .stderr(terminal())
            .spawn()
            .unwrap();
        let mut shown = String::new();
        read_until("samples/s", &mut user, &mut shown);
        user.write_all(key).unwrap();
        read_until("--resume", &mut user, &mut shown);
        (shown, run.wait().unwrap().code())
    }

    /// Reads on until this is there.
    fn read_until(sign: &str, user: &mut TTYPort, shown: &mut String) {
        let mut bytes = [0; 4096];
        while !shown.contains(sign) {
            let count = user.read(&mut bytes).unwrap_or_else(|error| panic!("{error}: no {sign} in\n{shown}"));
            *shown += &String::from_utf8_lossy(&bytes[..count]);
        }
    }

    #[test]
    fn a_key_stops_a_run_as_an_interrupt_does() {
        for key in [&b"q"[..], b"\x03"] {
            let cli = Cli::new();
            let (shown, code) = stopped_by(&cli, key);
            assert_eq!(code, Some(130), "{shown}");
            let (screen, after) = shown.split_once("\x1b[?1049l").expect("the screen is left");
            assert!(screen.contains("\x1b[?1049h") && screen.contains("confusion") | screen.contains("predicted"));
            assert!(after.contains("stopped after step") && after.contains("of 7500000"), "{after}");
            assert_eq!(cli.names(), ["run.ckpt"]);
        }
    }
}
