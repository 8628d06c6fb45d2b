//! The terminal of a run: a thread draws it and reads the keys, whatever the run is busy with.

use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event as Input, KeyCode, KeyEvent, KeyModifiers};

use super::draw::draw;
use super::view::View;
use crate::cli::{interrupt, output};
use crate::run::epochs::Event;

/// Between two pictures.
const REFRESH: Duration = Duration::from_millis(100);

/// A run that fills the terminal until this is dropped.
pub struct Screen {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

struct Shared {
    view: Mutex<View>,
    is_over: AtomicBool,
}

impl Screen {
    /// Takes the terminal. `stop` becomes true when the user has had enough of the run.
    pub fn start(network: &str, stop: Arc<AtomicBool>) -> io::Result<Self> {
        let shared = Arc::new(Shared { view: Mutex::new(View::new(network)), is_over: AtomicBool::new(false) });
        let terminal = ratatui::try_init()?;
        let thread = thread::spawn({
            let shared = shared.clone();
            move || {
                let result = show(terminal, &shared, &stop);
                ratatui::restore();
                result
            }
        });
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Shows what happened.
    pub fn hear(&self, event: Event) {
        self.shared.view().hear(event, Instant::now());
    }
}

impl Drop for Screen {
    /// Gives the terminal back, and prints there what is to last.
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // A terminal that cannot be drawn on is no reason to lose a run.
        let _ = self.thread.take().map(JoinHandle::join);
        self.shared.view().notes.iter().for_each(|note| output::note(note));
    }
}

impl Shared {
    /// What is shown, also after a panic.
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn show(mut terminal: DefaultTerminal, shared: &Shared, stop: &AtomicBool) -> io::Result<()> {
    while !shared.is_over.load(Ordering::Relaxed) {
        shared.view().is_stopping = stop.load(Ordering::Relaxed);
        terminal.draw(|frame| draw(frame, &shared.view(), Instant::now()))?;
        if event::poll(REFRESH)? && matches!(event::read()?, Input::Key(key) if stops(key)) {
            // As with Ctrl-C without this screen: the second time there is no waiting for the end of a step.
            if stop.swap(true, Ordering::Relaxed) {
                ratatui::restore();
                process::exit(interrupt::CODE.into());
            }
        }
    }
    Ok(())
}

/// A terminal that gives away its keys one by one sends no signal for Ctrl-C.
fn stops(key: KeyEvent) -> bool {
    let is_control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.is_press() && (is_control_c || key.code == KeyCode::Char('q'))
}
