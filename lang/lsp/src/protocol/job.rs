//! What needs a whole compilation, apart from all that goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fleetnet_compiler::compile::ParamValue;
use fleetnet_compiler::plan::Plan;
use fleetnet_compiler::workers::Workers;

use crate::findings::{Checked, Checking};
use crate::names::{Space, Symbol, definitions};
use crate::package::Package;

/// A package to be compiled.
#[derive(Debug)]
pub struct Job {
    pub(super) key: String,
    pub(super) generation: u64,
    pub(super) package: Package,
    pub(super) params: Arc<[ParamValue]>,
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

/// What a package means.
#[derive(Debug)]
pub struct Meaning {
    /// The meaning.
    pub plan: Plan,
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
    /// Compiles it, and tells what is found before the promises are asked and after. One that a newer text has overtaken stops where it is.
    pub fn run(self, workers: &dyn Workers, told: &mut dyn FnMut(Done)) {
        let Self { key, generation, package, params, stale } = self;
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
        let meaning = checking.plan().map(|plan| Arc::new(Meaning { plan }));
        told(done(checked, meaning));
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
