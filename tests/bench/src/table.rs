//! Rows of what was measured, as `cargo xtask bench` reads them.

use std::fmt;
use std::time::{Duration, Instant};

/// Rounds are repeated until this has passed.
const ENOUGH: Duration = Duration::from_secs(2);

/// What something took. A number without a time is a count.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it is.
    pub what: &'static str,
    /// By the clock.
    pub seconds: f64,
    /// The most memory that the process had at once, or the count.
    pub bytes: usize,
}

impl fmt::Display for Row {
    /// `STAGE SECONDS BYTES`, tabs between.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{:.6}\t{}", self.what, self.seconds, self.bytes)
    }
}

/// What some work takes.
pub fn timed(what: &'static str, work: impl FnOnce()) -> Row {
    memory::start_anew();
    let started = Instant::now();
    work();
    Row { what, seconds: started.elapsed().as_secs_f64(), bytes: memory::peak() }
}

/// The rows of a round, each with the least time that it took in so many rounds, or in as many as there is time for.
pub fn fastest<E>(least: usize, mut round: impl FnMut() -> Result<Vec<Row>, E>) -> Result<Vec<Row>, E> {
    let started = Instant::now();
    let mut best = round()?;
    let mut rounds = 1;
    while rounds < least || started.elapsed() < ENOUGH {
        rounds += 1;
        best.iter_mut().zip(round()?).for_each(|(best, next)| best.seconds = best.seconds.min(next.seconds));
    }
    Ok(best)
}

/// The most memory that the process had at once, as Linux counts it; see proc(5). Elsewhere nothing is known.
mod memory {
    use std::fs;

    /// Forgets what was before.
    pub fn start_anew() {
        // Without it a peak is that of the whole run: still a bound.
        let _ = fs::write("/proc/self/clear_refs", "5");
    }

    /// In bytes.
    pub fn peak() -> usize {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok());
        kibibytes.map_or(0, |kibibytes: usize| kibibytes * 1024)
    }
}
