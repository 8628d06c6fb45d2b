//! `--tui`: where it is refused, and how a run that has the terminal is stopped.

mod cli;
#[cfg(target_os = "linux")]
mod needs;

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
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    use serialport::{SerialPort as _, TTYPort};

    use super::Cli;

    /// A run, and the user's end and the other of its terminal, whose last words are lost when nobody has it open.
    pub fn start(arguments: &[&str]) -> (Child, [TTYPort; 2]) {
        let (mut user, terminal) = TTYPort::pair().unwrap();
        // On a board, its program is built first.
        user.set_timeout(Duration::from_secs(300)).unwrap();
        let path = terminal.name().unwrap();
        let opened = || Stdio::from(OpenOptions::new().read(true).write(true).open(&path).unwrap());
        let size = Command::new("stty").args(["rows", "24", "cols", "80"]).stdin(opened()).status();
        assert!(size.unwrap().success());
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("host-sim"));
        let run = command.args(arguments).arg("--tui").stdin(opened()).stdout(opened()).stderr(opened());
        (run.spawn().unwrap(), [user, terminal])
    }

    /// What a run writes to its terminal, and its code, when this key is pressed after the first steps.
    fn stopped_by(cli: &Cli, key: &[u8]) -> (String, Option<i32>) {
        let checkpoint = cli.path("run.ckpt");
        let (mut run, [mut user, _terminal]) = start(&[
            "train",
            "--epochs",
            "100000",
            "--validation",
            "0.2",
            "--checkpoint",
            checkpoint.to_str().unwrap(),
        ]);
        let mut shown = String::new();
        read_until("samples/s", &mut user, &mut shown);
        user.write_all(key).unwrap();
        read_until("--resume", &mut user, &mut shown);
        (shown, run.wait().unwrap().code())
    }

    /// Reads on until this is there.
    pub fn read_until(sign: &str, user: &mut TTYPort, shown: &mut String) {
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

#[cfg(target_os = "linux")]
mod on_a_board {
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Child, Command};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use host_sim::board::emulator::Machine;
    use host_sim::board::firmware;

    use super::in_a_terminal::{read_until, start};
    use super::needs;

    /// The emulator among the processes that a run has started.
    fn emulator(run: &Child) -> String {
        let number = run.id();
        let children = fs::read_to_string(format!("/proc/{number}/task/{number}/children")).unwrap();
        let name = |process: &&str| fs::read_to_string(format!("/proc/{process}/comm")).unwrap();
        children.split_whitespace().find(|process| name(process).starts_with("qemu")).expect("there is one").into()
    }

    /// Whether it has ended, even if nobody has waited for it.
    fn has_ended(process: &str) -> bool {
        let status = fs::read_to_string(Path::new("/proc").join(process).join("status"));
        status.is_err() || status.is_ok_and(|text| text.contains("State:\tZ"))
    }

    #[test]
    fn no_emulator_is_left_when_a_run_ends_at_once() {
        let machine = Machine::Stm32f405;
        let missing = firmware::missing(machine.board()).map(|error| error.to_string());
        if !needs::is_there(missing.or_else(|| machine.missing().map(|error| error.to_string()))) {
            return;
        }
        for (keys, signal, code) in
            [("qq", None, Some(130)), ("\x03\x03", None, Some(130)), ("", Some("TERM"), None), ("", Some("HUP"), None)]
        {
            let (mut run, [mut user, _terminal]) = start(&["board", "--qemu", "stm32f405", "--epochs", "100000"]);
            read_until("samples/s", &mut user, &mut String::new());
            let emulator = emulator(&run);
            assert!(!has_ended(&emulator));
            user.write_all(keys.as_bytes()).unwrap();
            if let Some(signal) = signal {
                let kill = Command::new("kill").args(["-s", signal, &run.id().to_string()]).status();
                assert!(kill.unwrap().success());
            }
            assert_eq!(run.wait().unwrap().code(), code);
            let deadline = Instant::now() + Duration::from_secs(20);
            while !has_ended(&emulator) {
                assert!(Instant::now() < deadline, "{keys:?} {signal:?}: process {emulator} is left");
                sleep(Duration::from_millis(10));
            }
        }
    }
}
