//! Jobs that don't wait for each other, done side by side by whoever embeds the compiler: it has no threads but those it is given.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Does jobs.
pub trait Workers: Sync + fmt::Debug {
    /// Does every job of `0..jobs`, in any order and any number at once, and returns when all are done.
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync));

    /// Whether nobody waits for what is being worked out any more. Then nothing more is begun, and what comes of it all is incomplete: whoever
    /// gave it up throws it away. Once given up, it stays so.
    fn is_given_up(&self) -> bool {
        false
    }
}

/// Does one job after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Workers for Alone {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..jobs).for_each(job);
    }
}

/// What `work` makes of each item, in order of the items; if it is given up, of the first of them.
pub fn map<I: Sync, T: Send>(workers: &dyn Workers, items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    if workers.is_given_up() {
        return Vec::new();
    }
    let done: Vec<Mutex<Option<T>>> = items.iter().map(|_| Mutex::new(None)).collect();
    workers.each(items.len(), &|index| {
        if workers.is_given_up() {
            return;
        }
        if let (Some(item), Some(done)) = (items.get(index), done.get(index)) {
            let result = work(item);
            *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    });
    let done = done.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner));
    // A job that was left out is done here.
    let left_out = |item| (!workers.is_given_up()).then(|| work(item));
    items.iter().zip(done).map_while(|(item, result)| result.or_else(|| left_out(item))).collect()
}

/// What two pieces of work come to; nothing if it is given up.
pub fn both<A: Send, B: Send>(
    workers: &dyn Workers,
    one: impl Fn() -> A + Sync,
    other: impl Fn() -> B + Sync,
) -> Option<(A, B)> {
    if workers.is_given_up() {
        return None;
    }
    let (first, second) = (Mutex::new(None), Mutex::new(None));
    workers.each(2, &|index| match index {
        _ if workers.is_given_up() => {}
        0 => *first.lock().unwrap_or_else(PoisonError::into_inner) = Some(one()),
        _ => *second.lock().unwrap_or_else(PoisonError::into_inner) = Some(other()),
    });
    let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    let second = second.into_inner().unwrap_or_else(PoisonError::into_inner);
    // What was left out is done here.
    let is_wanted = || !workers.is_given_up();
    let first = first.or_else(|| is_wanted().then(&one))?;
    let second = second.or_else(|| is_wanted().then(&other))?;
    Some((first, second))
}

/// Drops items that are made of many pieces.
pub fn drop_each<I: Send>(workers: &dyn Workers, items: Vec<I>) {
    if workers.is_given_up() {
        return drop(items);
    }
    let items: Vec<Mutex<Option<I>>> = items.into_iter().map(|item| Mutex::new(Some(item))).collect();
    workers.each(items.len(), &|index| {
        drop(items.get(index).map(|item| item.lock().unwrap_or_else(PoisonError::into_inner).take()));
    });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Alone, Workers, both, map};

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

    #[test]
    fn two_pieces_are_done_whoever_works() {
        for workers in [&Alone as &dyn Workers, &Careless] {
            assert_eq!(both(workers, || 1, || "two"), Some((1, "two")));
        }
    }

    /// Is given up while the third job is being done.
    #[derive(Debug, Default)]
    struct Impatient(AtomicUsize);

    impl Workers for Impatient {
        fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
            (0..jobs).for_each(job);
        }

        fn is_given_up(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= 3
        }
    }

    #[test]
    fn what_is_given_up_is_not_begun() {
        let workers = Impatient::default();
        let work = |item: &usize| (*item, workers.0.fetch_add(1, Ordering::Relaxed));
        assert_eq!(map(&workers, &[5, 6, 7, 8, 9], work), [(5, 0), (6, 1), (7, 2)]);
        assert_eq!(map(&workers, &[5], work), []);
        assert_eq!(both(&workers, || 1, || 2), None);
        let workers = Impatient::default();
        let second = AtomicUsize::new(0);
        let both =
            both(&workers, || workers.0.fetch_add(3, Ordering::Relaxed), || second.fetch_add(1, Ordering::Relaxed));
        assert_eq!((both, second.into_inner()), (None, 0), "given up while the first was done");
    }

    /// Does the last jobs first, and is given up once one of them is done.
    #[derive(Debug, Default)]
    struct Turned(AtomicUsize);

    impl Workers for Turned {
        fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
            (0..jobs).rev().for_each(job);
        }

        fn is_given_up(&self) -> bool {
            self.0.load(Ordering::Relaxed) > 0
        }
    }

    /// A result never stands at another item's place.
    #[test]
    fn of_what_is_given_up_the_first_results_are_left() {
        let workers = Turned::default();
        let work = |item: &usize| {
            workers.0.fetch_add(1, Ordering::Relaxed);
            *item
        };
        assert!(map(&workers, &[5, 6, 7], work).is_empty());
    }
}
