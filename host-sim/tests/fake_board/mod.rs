//! The boards' program `node` on a thread of this computer, at the end of lines that may damage what they carry.

// Each test file uses another part of this.
#![allow(dead_code)]

pub mod host;

use std::io::{self, Read, Write};
use std::sync::mpsc::{self, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use embedded_io::ErrorType;
use host_sim::board::line::Line;
use host_sim::board::place::Connection;
use trainlet::core::rng::{Key, Purpose, Stream};
use trainlet::link::frame::{Receiver, encode};
use trainlet::link::message::Request;
use trainlet::link::node::REQUEST;
use trainlet_app::board::{Board, NoFlash, Slots};
use trainlet_app::node::{self, Memory};

/// Long for a thread of this computer, short for a test.
pub const TIMEOUT: Duration = Duration::from_millis(100);

/// A board that stays when its hosts come and go.
pub struct FakeBoard {
    to_board: mpsc::Sender<u8>,
    from_board: Arc<Mutex<mpsc::Receiver<u8>>>,
}

/// What happens to the bytes on a line.
#[derive(Clone, Copy)]
pub struct Faults {
    /// Share of the bytes that are lost, flipped or doubled, evenly.
    pub rate: f32,
    pub seed: u64,
}

pub const NONE: Faults = Faults { rate: 0.0, seed: 0 };

impl FakeBoard {
    /// Switches a board on.
    pub fn new() -> Self {
        let (to_board, at_board) = channel();
        let (from_board, at_host) = channel();
        switch_on(Serial { input: at_board, output: from_board });
        Self { to_board, from_board: Arc::new(Mutex::new(at_host)) }
    }

    /// A host's line to the board; there should be one at a time.
    pub fn line(&self, faults: Faults) -> Line {
        let [there, back] = [1, 2].map(|way| Damage::new(faults, way));
        let reader = HostReader { bytes: self.from_board.clone(), damage: back, doubled: None };
        Line::new(reader, HostWriter { bytes: self.to_board.clone(), damage: there, left: usize::MAX })
    }

    /// A line that breaks after `bytes` bytes to the board.
    pub fn breaking_line(&self, bytes: usize) -> Line {
        let reader = HostReader { bytes: self.from_board.clone(), damage: Damage::new(NONE, 1), doubled: None };
        Line::new(reader, HostWriter { bytes: self.to_board.clone(), damage: Damage::new(NONE, 2), left: bytes })
    }

    /// A line that gives sample number `nth` of each run, from 1, half as much weight again: whole frames, but false.
    pub fn cheating_line(&self, nth: u32) -> Line {
        let reader = HostReader { bytes: self.from_board.clone(), damage: Damage::new(NONE, 1), doubled: None };
        let bytes = self.to_board.clone();
        Line::new(
            reader,
            Cheat { bytes, receiver: Receiver::EMPTY, request: [0; REQUEST], frame: Vec::new(), samples: 0, nth },
        )
    }

    pub fn connection(&self, faults: Faults) -> Connection {
        Connection::over(self.line(faults), "the fake board".into())
    }
}

/// Runs the program until its line is closed.
fn switch_on<S: embedded_io::Read + embedded_io::Write + Send + 'static>(serial: S) {
    let program = move || {
        let mut board = ThreadBoard { serial, started: Instant::now() };
        let mut memory = Box::new(Memory::<node::Net>::ZERO);
        let mut saver = node::start(&mut board, &mut memory, 0);
        while node::turn(&mut board, &mut memory, &mut saver).is_ok() {}
    };
    thread::Builder::new().stack_size(1 << 20).spawn(program).unwrap();
}

/// A board at a port of this computer.
#[cfg(unix)]
pub struct Port {
    /// Keeps the port from closing between two programs that use it.
    _open: serialport::TTYPort,
}

#[cfg(unix)]
impl Port {
    /// Switches a board on, and gives the name of its port too.
    pub fn new() -> (Self, String) {
        use serialport::SerialPort as _;
        let (mut board, open) = serialport::TTYPort::pair().unwrap();
        board.set_timeout(Duration::from_secs(600)).unwrap();
        let name = open.name().unwrap();
        let reader = board.try_clone_native().unwrap();
        switch_on(Line::new(reader, board));
        (Self { _open: open }, name)
    }
}

struct ThreadBoard<S> {
    serial: S,
    started: Instant,
}

impl<S: embedded_io::Read + embedded_io::Write> Board for ThreadBoard<S> {
    const NAME: &'static str = "fake";
    const RAM: usize = 1 << 20;
    type Serial = S;
    type Flash = NoFlash;
    const SLOTS: Slots = Slots::NONE;

    fn serial(&mut self) -> &mut S {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<NoFlash> {
        None
    }

    fn micros(&mut self) -> u64 {
        self.started.elapsed().as_micros() as u64
    }

    fn set_led(&mut self, _: bool) {}
}

struct Serial {
    input: mpsc::Receiver<u8>,
    output: mpsc::Sender<u8>,
}

impl ErrorType for Serial {
    type Error = io::Error;
}

impl embedded_io::Read for Serial {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        buffer[0] = self.input.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(1)
    }
}

impl embedded_io::Write for Serial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.output.send(*byte).map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decides on each byte.
struct Damage {
    stream: Stream,
    rate: f32,
}

impl Damage {
    fn new(Faults { rate, seed }: Faults, way: u64) -> Self {
        Self { stream: Key::new(seed, Purpose::Order).child(way).stream(), rate }
    }

    /// What becomes of a byte: nothing, itself, another or two.
    fn pass(&mut self, byte: u8) -> [Option<u8>; 2] {
        if self.stream.uniform() >= self.rate {
            return [Some(byte), None];
        }
        match self.stream.bits() % 3 {
            0 => [None, None],
            1 => [Some(byte ^ (1 << (self.stream.bits() % 8))), None],
            _ => [Some(byte), Some(byte)],
        }
    }
}

struct HostReader {
    bytes: Arc<Mutex<mpsc::Receiver<u8>>>,
    damage: Damage,
    doubled: Option<u8>,
}

impl Read for HostReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.bytes.lock().unwrap();
        loop {
            if let Some(byte) = self.doubled.take() {
                buffer[0] = byte;
                return Ok(1);
            }
            let byte = bytes.recv_timeout(TIMEOUT).map_err(|_| io::ErrorKind::TimedOut)?;
            if let [Some(byte), second] = self.damage.pass(byte) {
                self.doubled = second;
                buffer[0] = byte;
                return Ok(1);
            }
        }
    }
}

struct Cheat {
    bytes: mpsc::Sender<u8>,
    receiver: Receiver,
    request: [u8; REQUEST],
    frame: Vec<u8>,
    samples: u32,
    nth: u32,
}

impl Cheat {
    /// What goes on instead of the frame.
    fn instead(&mut self) -> Vec<u8> {
        self.receiver.receive(&mut &self.frame[..], &mut self.request).unwrap().unwrap();
        let mut request = self.receiver.message::<Request>(&self.request).unwrap();
        match &mut request.message {
            Request::Start { .. } => self.samples = 0,
            Request::Accumulate { weight, .. } => {
                self.samples += 1;
                if self.samples == self.nth {
                    *weight *= 1.5;
                }
            }
            _ => {}
        }
        encode(&request, &mut [0; REQUEST]).unwrap().to_vec()
    }
}

impl Write for Cheat {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.frame.push(*byte);
            if *byte == 0 {
                for byte in self.instead() {
                    self.bytes.send(byte).map_err(|_| io::ErrorKind::BrokenPipe)?;
                }
                self.frame.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct HostWriter {
    bytes: mpsc::Sender<u8>,
    damage: Damage,
    left: usize,
}

impl Write for HostWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            for byte in self.damage.pass(*byte).into_iter().flatten() {
                self.bytes.send(byte).map_err(|_| io::ErrorKind::BrokenPipe)?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
