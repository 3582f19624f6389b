//! Jobs that don't wait for each other, done side by side by whoever embeds the compiler: it has no threads but those it is given.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Does jobs.
pub trait Workers: Sync + fmt::Debug {
    /// Does every job of `0..jobs`, in any order and any number at once, and returns when all are done.
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync));
}

/// Does one job after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Workers for Alone {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..jobs).for_each(job);
    }
}

/// What `work` makes of each item, in order of the items.
pub fn map<I: Sync, T: Send>(workers: &dyn Workers, items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let done: Vec<Mutex<Option<T>>> = items.iter().map(|_| Mutex::new(None)).collect();
    workers.each(items.len(), &|index| {
        if let (Some(item), Some(done)) = (items.get(index), done.get(index)) {
            let result = work(item);
            *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    });
    let done = done.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner));
    // A job that was left out is done here.
    items.iter().zip(done).map(|(item, result)| result.unwrap_or_else(|| work(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Alone, Workers, map};

    /// Leaves out every third job, and does the rest from the last to the first.
    #[derive(Debug)]
    struct Careless;

    impl Workers for Careless {
        fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
            (0..jobs).rev().filter(|index| index % 3 != 0).for_each(job);
        }
    }

    #[test]
    fn results_are_in_order_of_the_items_whoever_works() {
        let items: Vec<usize> = (0..10).collect();
        let expected: Vec<usize> = items.iter().map(|item| item * item).collect();
        for workers in [&Alone as &dyn Workers, &Careless] {
            assert_eq!(map(workers, &items, |item| item * item), expected);
        }
    }
}
