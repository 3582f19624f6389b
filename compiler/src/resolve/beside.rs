//! Declarations of one kind, each resolved for itself and many side by side.

use super::context::{Context, Declared};
use crate::workers::{self, Workers};

/// The declarations that one job resolves.
const CHUNK: usize = 64;

/// What `resolve` makes of each declaration and its place, in their order; if it is given up, of the first of them.
pub(super) fn each<N: Sync, T: Send>(
    ctx: &mut Context,
    declared: &[Declared<N>],
    workers: &dyn Workers,
    resolve: impl Fn(&mut Context, usize, &Declared<N>) -> T + Sync,
) -> Vec<T> {
    let shared: &Context = ctx;
    let jobs: Vec<(usize, &[Declared<N>])> =
        declared.chunks(CHUNK).enumerate().map(|(index, chunk)| (index * CHUNK, chunk)).collect();
    let parts = workers::map(workers, &jobs, |(first, chunk)| {
        let mut part = shared.part();
        let resolved = (*first..).zip(*chunk).map(|(place, declared)| resolve(&mut part, place, declared));
        let resolved: Vec<T> = resolved.collect();
        (part, resolved)
    });
    let mut all = Vec::with_capacity(declared.len());
    for (part, resolved) in parts {
        ctx.join(part);
        all.extend(resolved);
    }
    all
}
