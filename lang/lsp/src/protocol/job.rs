//! What needs a whole compilation, apart from all that goes on.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fleetnet_compiler::compile::ParamValue;
use fleetnet_compiler::workers::Workers;
use fleetnet_lang::FileId;

use crate::findings::{Checked, Checking, Kept};
use crate::meaning::Meaning;
use crate::names::{Space, Symbol, definitions};
use crate::package::Package;

/// A package to be compiled.
#[derive(Debug)]
pub struct Job {
    pub(super) key: String,
    pub(super) generation: u64,
    pub(super) package: Package,
    pub(super) params: Arc<[ParamValue]>,
    /// The files that are open.
    pub(super) open: BTreeSet<FileId>,
    pub(super) stale: Stale,
    pub(super) kept: Keeping,
    pub(super) extent: Extent,
}

/// How much of a package is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The rules that were edited since it was compiled, if nothing else was: done in milliseconds, and nothing is told where more is needed.
    Edits,
    /// All of it.
    Whole,
}

/// What is kept of a package from one compilation to the next, for whichever goes on.
pub type Keeping = Arc<Mutex<Option<Kept>>>;

/// What came of a compilation so far.
#[derive(Debug)]
pub struct Done {
    pub(super) key: String,
    pub(super) generation: u64,
    pub(super) checked: Checked,
    /// Known when all is through, if the package has one.
    pub(super) meaning: Option<Arc<Meaning>>,
}

/// Whether nobody waits for a compilation any more.
#[derive(Clone, Debug, Default)]
pub struct Stale(Arc<AtomicBool>);

impl Stale {
    /// Tells whoever looks.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Workers that begin nothing more once nobody waits.
#[derive(Debug)]
struct Until<'j> {
    workers: &'j dyn Workers,
    stale: &'j Stale,
}

impl Workers for Until<'_> {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        self.workers.each(jobs, job);
    }

    fn is_given_up(&self) -> bool {
        self.stale.is_set() || self.workers.is_given_up()
    }
}

impl Job {
    /// Compiles it, and tells what is found before the promises are asked and after, and then what it means; of edits, what is found before. One
    /// that a newer text has overtaken begins nothing more, neither another family of checks nor another question of the proof, and tells nothing.
    pub fn run(self, workers: &dyn Workers, told: &mut dyn FnMut(Done)) {
        let Self { key, generation, package, params, open, stale, kept, extent } = self;
        let workers = &Until { workers, stale: &stale };
        let mut tell = |checked, meaning| {
            let is_wanted = !stale.is_set();
            if is_wanted {
                told(Done { key: key.clone(), generation, checked, meaning });
            }
            is_wanted
        };
        let params = declared(&package, &params);
        match extent {
            Extent::Edits => {
                let again = locked(&kept).as_mut().and_then(|kept| kept.checked(&package, &params, workers));
                if let Some(checked) = again {
                    tell(checked, None);
                }
            }
            Extent::Whole => {
                let mut checking = Checking::begin(package, &params, workers);
                if !tell(checking.checked(), None) {
                    return;
                }
                if let Some(new) = checking.kept(&params, workers) {
                    *locked(&kept) = Some(new);
                }
                checking.prove(workers);
                let checked = checking.checked();
                let package = checked.package.clone();
                if tell(checked.clone(), None)
                    && let Some(plan) = checking.plan()
                {
                    let meaning = Meaning::new(package, plan, &open);
                    tell(checked, Some(Arc::new(meaning)));
                }
            }
        }
    }
}

fn locked(kept: &Keeping) -> MutexGuard<'_, Option<Kept>> {
    kept.lock().unwrap_or_else(|poisoned| {
        // Who had it did not get through, and may have left it in the middle of an edit.
        kept.clear_poison();
        let mut left = PoisonError::into_inner(poisoned);
        *left = None;
        left
    })
}

/// Those parameters that a package declares: what is set is set for all packages of a client.
fn declared(package: &Package, params: &[ParamValue]) -> Vec<ParamValue> {
    let is_declared = |param: &&ParamValue| {
        let symbol = Symbol::new(Space::Param, &param.name);
        definitions(package).any(|definition| definition.symbols.contains(&symbol))
    };
    params.iter().filter(is_declared).cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use fleetnet_compiler::workers::Workers;
    use fleetnet_lang::SourceFile;

    use super::{Extent, Job, Keeping, Stale};
    use crate::package::Package;

    const FLEET: &str = "fleet f { default deny }\n\
        cluster one { id 1 ; region here ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium \"1.18.0\" }\n\
        namespace shop { in one }\nidentity shop/web { match app = web }\nidentity shop/db { match app = db }\n\
        policy p { allow shop/web -> shop/db on 80/tcp }\ntest \"t\" { can shop/web -> shop/db on 80/tcp }\n";

    /// Counts how often there is work, and says that nobody waits once there is for the so manieth time.
    #[derive(Debug)]
    struct Overtaken {
        stale: Stale,
        at: usize,
        rows: AtomicUsize,
    }

    impl Workers for Overtaken {
        fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
            if self.rows.fetch_add(1, Ordering::Relaxed) == self.at {
                self.stale.set();
            }
            (0..jobs).for_each(job);
        }
    }

    /// How often there was work, and what was told.
    fn worked(at: usize) -> (usize, usize) {
        let stale = Stale::default();
        let package = Package::new([SourceFile::new("a.fleetnet", FLEET)]);
        let job = Job {
            key: String::new(),
            generation: 1,
            package,
            params: [].into(),
            open: BTreeSet::new(),
            stale: stale.clone(),
            kept: Keeping::default(),
            extent: Extent::Whole,
        };
        let workers = Overtaken { stale, at, rows: AtomicUsize::new(0) };
        let mut told = 0;
        job.run(&workers, &mut |_| told += 1);
        (workers.rows.into_inner(), told)
    }

    #[test]
    fn what_is_overtaken_begins_nothing_more() {
        let (all, told) = worked(usize::MAX);
        assert_eq!(told, 3, "before the promises, after, and what it means");
        assert!(all > 3, "{all}");
        for at in 0..all {
            let (rows, told) = worked(at);
            assert!(rows == at + 1 && told <= 1, "overtaken at {at} of {all}: {rows} begun, {told} told");
        }
    }
}
