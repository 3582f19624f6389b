//! What needs a whole compilation, apart from all that goes on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fleetnet_compiler::compile::ParamValue;
use fleetnet_compiler::workers::Workers;
use fleetnet_lang::FileId;

use crate::findings::{Checked, Checking};
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
}

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

impl Job {
    /// Compiles it, and tells what is found before the promises are asked and after, and then what it means. One that a newer text has overtaken
    /// stops where it is.
    pub fn run(self, workers: &dyn Workers, told: &mut dyn FnMut(Done)) {
        let Self { key, generation, package, params, open, stale } = self;
        let done = |checked, meaning| Done { key: key.clone(), generation, checked, meaning };
        let params = declared(&package, &params);
        let mut checking = Checking::begin(package, &params, workers);
        if stale.is_set() {
            return;
        }
        told(done(checking.checked(), None));
        checking.prove(workers);
        if stale.is_set() {
            return;
        }
        let checked = checking.checked();
        let package = checked.package.clone();
        told(done(checked.clone(), None));
        let Some(plan) = checking.plan() else { return };
        let meaning = Meaning::new(package, plan, &open);
        if !stale.is_set() {
            told(done(checked, Some(Arc::new(meaning))));
        }
    }
}

/// Those parameters that a package declares: what is set is set for all packages of a client.
fn declared(package: &Package, params: &[ParamValue]) -> Vec<ParamValue> {
    let is_declared = |param: &&ParamValue| {
        let symbol = Symbol::new(Space::Param, &param.name);
        definitions(package).any(|definition| definition.symbols.contains(&symbol))
    };
    params.iter().filter(is_declared).cloned().collect()
}
