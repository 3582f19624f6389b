//! One package as it is being written: compiled as far as somebody looks.

use fleetnet_compiler::compile::{self, Compiled, Goal};
use fleetnet_compiler::model::{BuiltIn, Model};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answers::Answers;
use crate::artifacts::{self, Artifacts};
use crate::findings::Finding;
use crate::map::Map;
use crate::promises::{Promise, promises};
use crate::shapes::{Answer, Package, json};

/// Most names that are offered as ends of a question.
const MOST_ENDS: usize = 400;

/// A package, and what is known of it so far. Findings are asked at every key, the rest only where it is shown.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Session {
    package: Package,
    checked: Option<Compiled>,
    built: Option<Compiled>,
}

/// What [`Session::check`] finds.
#[derive(Serialize)]
struct Checked {
    diagnostics: Vec<Finding>,
    promises: Vec<Promise>,
    /// What can stand at either end of a question.
    ends: Vec<String>,
    /// Whether the package has a meaning, so that a map can be drawn of it.
    understood: bool,
}

#[wasm_bindgen]
impl Session {
    /// A session without a package.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a package in the place of the one before, and finds what `fleetnet check` finds.
    pub fn check(&mut self, package: &str) -> String {
        self.package = match Package::read(package) {
            Ok(package) => package,
            Err(why) => return json(&Answer::<()>::Refused(why)),
        };
        self.built = None;
        let compiled = self.checked.insert(self.package.compile(Goal::Check));
        json(&Checked {
            diagnostics: Finding::all(&compiled.diagnostics, &compiled.sources),
            promises: promises(compiled),
            ends: compiled.plan.as_ref().map(|plan| ends(&plan.model)).unwrap_or_default(),
            understood: compiled.plan.is_some(),
        })
    }

    /// The artifacts of the package.
    pub fn build(&mut self) -> String {
        json(&Artifacts::of(self.built()))
    }

    /// The entries of a map image of the build, by its path.
    pub fn image(&mut self, path: &str) -> String {
        json(&match artifacts::table(self.built(), path) {
            Ok(table) => Answer::Of(table),
            Err(why) => Answer::Refused(why),
        })
    }

    /// The map of the network.
    #[must_use]
    pub fn map(&self) -> String {
        let plan = self.checked.as_ref().and_then(|compiled| Some((compiled.plan.as_ref()?, &compiled.sources)));
        let not_yet = || "the package can't be understood yet".to_owned();
        let map = plan.ok_or_else(not_yet).and_then(|(plan, sources)| Map::of(plan, sources));
        json(&map.map_or_else(Answer::Refused, Answer::Of))
    }

    /// Answers `PEERS -> PEERS [on PORTS] [METHOD PATH]`.
    #[must_use]
    pub fn why(&self, question: &str) -> String {
        json(&Answers::of(&compile::ask(&self.package, &self.package.params(), question)))
    }
}

impl Session {
    fn built(&mut self) -> &Compiled {
        let package = &self.package;
        self.built.get_or_insert_with(|| package.compile(Goal::Build))
    }
}

fn ends(model: &Model) -> Vec<String> {
    let identities = model.identities.ids().map(|identity| model.identity_name(identity));
    let groups = model.groups.rows().iter().map(|group| group.name.value.to_string());
    let externals = model.externals.rows().iter().map(|external| external.name.value.to_string());
    let built_in = BuiltIn::ALL.iter().map(|end| end.keyword().to_owned());
    groups.chain(externals).chain(built_in).chain(identities).take(MOST_ENDS).collect()
}
