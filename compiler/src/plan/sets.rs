//! What is worked out once for each set of pods: rules share their sets, and those of large groups are large.

use rustc_hash::FxHashMap;

use crate::model::PodSets;

/// What is known of some sets, by where they lie in memory. As long as a set is kept here, no other lies where it does.
#[derive(Debug)]
pub struct PerSet<T>(FxHashMap<(usize, usize), (PodSets, T)>);

impl<T> Default for PerSet<T> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<T> PerSet<T> {
    /// What is known of a set, or is worked out now.
    pub fn get(&mut self, pods: &PodSets, work: impl FnOnce(&PodSets) -> T) -> &T {
        let (_, known) = self.0.entry(place(pods)).or_insert_with(|| (pods.clone(), work(pods)));
        known
    }

    /// Forgets a set.
    pub fn remove(&mut self, pods: &PodSets) {
        self.0.remove(&place(pods));
    }
}

fn place(pods: &PodSets) -> (usize, usize) {
    (pods.as_ptr().addr(), pods.len())
}
