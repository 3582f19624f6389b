//! What a long step is doing, for someone who waits for it.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a log hears that a step is still running.
const LOG_INTERVAL: Duration = Duration::from_secs(20);

/// How often a terminal's last line is rewritten.
const TERMINAL_INTERVAL: Duration = Duration::from_millis(500);

/// Work that is going on, and the last line it printed.
#[derive(Debug)]
pub struct Status {
    started: Instant,
    last_line: Mutex<String>,
}

impl Status {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { started: Instant::now(), last_line: Mutex::default() })
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub fn say(&self, line: &str) {
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut self.last_line.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn text(&self) -> String {
        let last_line = self.last_line.lock().unwrap_or_else(PoisonError::into_inner);
        let shown: String = last_line.chars().take(100).collect();
        format!("    … {} s  {shown}", self.elapsed().as_secs())
    }
}

/// Says that something long begins or ended behind the back of whoever watches.
pub fn announce(what: &str) {
    println!("  (in the background) {what}");
}

/// Shows a status from time to time until dropped: on a terminal in place, elsewhere line by line.
#[derive(Debug)]
pub struct Heartbeat {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    pub fn of(status: &Arc<Status>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (over, status) = (Arc::clone(&over), Arc::clone(status));
            move || beat(&over, &status)
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It can only fail by a panic, which has been printed already.
            drop(thread.join());
        }
    }
}

fn beat(over: &AtomicBool, status: &Status) {
    let terminal = io::stdout().is_terminal();
    let interval = if terminal { TERMINAL_INTERVAL } else { LOG_INTERVAL };
    let mut next = Instant::now() + interval;
    while !over.load(Ordering::Relaxed) {
        thread::park_timeout(next.saturating_duration_since(Instant::now()));
        if Instant::now() < next {
            continue;
        }
        next += interval;
        if terminal {
            print!("\r\x1b[K{}", status.text());
            drop(io::stdout().flush());
        } else {
            println!("{}", status.text());
        }
    }
    if terminal {
        print!("\r\x1b[K");
    }
}
