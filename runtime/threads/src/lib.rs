//! Threads for the compiler, which starts none itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fleetnet_compiler::workers::Workers;

/// As much stack as a program's first thread has.
const STACK: usize = 8 << 20;

/// Does jobs on threads: as many as were asked for and can be had.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    count: usize,
}

impl Threads {
    /// So many threads, that of the caller included.
    #[must_use]
    pub const fn new(count: usize) -> Self {
        Self { count }
    }

    /// One for each processor that this process may use.
    #[must_use]
    pub fn of_machine() -> Self {
        Self::new(thread::available_parallelism().map_or(1, usize::from))
    }
}

impl Workers for Threads {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let work = || {
            let taken = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            taken.take_while(|index| *index < jobs).for_each(job);
        };
        thread::scope(|scope| {
            for _ in 1..self.count.min(jobs) {
                // Without another thread the work is done by those that there are.
                drop(thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work));
            }
            work();
        });
    }
}

#[cfg(test)]
mod tests {
    use fleetnet_compiler::workers::map;

    use super::Threads;

    #[test]
    fn every_job_is_done_once_on_any_number_of_threads() {
        let items: Vec<usize> = (0..1_000).collect();
        let expected: Vec<usize> = items.iter().map(|item| item * item).collect();
        for count in [0, 1, 2, 7, 2_000] {
            assert_eq!(map(&Threads::new(count), &items, |item| item * item), expected);
        }
    }
}
