//! One package as it is being written: compiled as far as somebody looks.

use fleetnet_compiler::compile::{self, Compilation, Goal};
use fleetnet_compiler::model::{BuiltIn, Model};
use fleetnet_compiler::workers::Alone;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answers::Answers;
use crate::artifacts::{self, Artifacts};
use crate::editing::{Asked, At, Editing};
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
    compilation: Option<Compilation>,
    reached: Reached,
    editing: Editing,
}

/// How far a package is compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    #[default]
    Checks,
    Proof,
    Artifacts,
}

/// What a question needs to know beside the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Trees,
    Meaning,
}

/// What is found of a package.
#[derive(Serialize)]
struct Checked {
    diagnostics: Vec<Finding>,
    /// How many more findings there are.
    more: usize,
    promises: Vec<Promise>,
    /// Whether nothing is left to ask: promises, and the lock.
    finished: bool,
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

    /// Takes a package in the place of the one before, and finds what `fleetnet check` finds before it asks any promise.
    pub fn check(&mut self, package: &str) -> String {
        self.compilation = None;
        self.editing.compiled();
        self.package = match Package::read(package) {
            Ok(package) => package,
            Err(why) => {
                self.package = Package::default();
                return json(&Answer::<()>::Refused(why));
            }
        };
        let compilation = self.compilation.insert(Compilation::begin(&self.package, &self.package.params()));
        self.reached = Reached::Checks;
        json(&Checked::of(compilation, self.reached))
    }

    /// Finds what `fleetnet check` finds, the promises asked.
    pub fn prove(&mut self) -> String {
        json(&match self.compiled(Reached::Proof) {
            Some(compilation) => Answer::Of(Checked::of(compilation, Reached::Proof)),
            None => nothing_yet(),
        })
    }

    /// The artifacts of the package.
    pub fn build(&mut self) -> String {
        json(&match self.compiled(Reached::Artifacts) {
            Some(compilation) => Answer::Of(Artifacts::of(compilation)),
            None => nothing_yet(),
        })
    }

    /// The text of a file of the build, by its path.
    pub fn artifact(&mut self, path: &str) -> String {
        json(&self.of_build(|compilation| artifacts::text(compilation, path)))
    }

    /// The entries of a map image of the build, by its path.
    pub fn image(&mut self, path: &str) -> String {
        json(&self.of_build(|compilation| artifacts::table(compilation, path)))
    }

    /// The map of the network.
    #[must_use]
    pub fn map(&self) -> String {
        let plan = self.compilation.as_ref().and_then(|known| Some((known.plan.as_ref()?, &known.sources)));
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

/// What an editor asks. Arguments are [`Asked`]; a file that the package does not have gives `null`.
#[expect(clippy::redundant_closure_for_method_calls, reason = "a method by its name has one lifetime, a closure any")]
#[wasm_bindgen]
impl Session {
    /// What could be typed at a place.
    pub fn complete(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Trees, |at| Ok(at.completion()))
    }

    /// How the statement at a place is written.
    pub fn signature(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Trees, |at| Ok(at.signature()))
    }

    /// What is known of the name at a place.
    pub fn hover(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Meaning, |at| Ok(at.hover()))
    }

    /// What is shown in a file and is none of its text.
    pub fn notes(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Meaning, |at| Ok(at.notes()))
    }

    /// Who reaches what a lens stands above, and whom it reaches.
    pub fn reached(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Meaning, |at| Ok(at.reached()))
    }

    /// Where the name at a place is declared.
    pub fn define(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Trees, |at| Ok(at.definitions()))
    }

    /// The name at a place, if it can be another.
    pub fn renamed(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Trees, |at| at.renamed())
    }

    /// What to replace so that the name at a place is another, everywhere.
    pub fn rename(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Trees, |at| at.rename())
    }

    /// What to replace in a file so that it has its layout.
    pub fn format(&mut self, asked: &str) -> String {
        self.at(asked, Needs::Trees, |at| Ok(at.format()))
    }

    /// What each file declares.
    pub fn outline(&mut self) -> String {
        self.editing.follow(&self.package);
        json(&self.editing.outlines())
    }
}

impl Session {
    /// The package, compiled at least so far.
    fn compiled(&mut self, goal: Reached) -> Option<&Compilation> {
        let compilation = self.compilation.as_mut()?;
        if self.reached < Reached::Proof && goal >= Reached::Proof {
            compilation.prove(&Alone);
        }
        if self.reached < Reached::Artifacts && goal >= Reached::Artifacts {
            compilation.build(&Alone);
        }
        self.reached = self.reached.max(goal);
        Some(compilation)
    }

    fn at<T: Serialize>(
        &mut self,
        asked: &str,
        needs: Needs,
        answer: impl FnOnce(&At<'_>) -> Result<T, String>,
    ) -> String {
        let asked = match serde_json::from_str::<Asked>(asked) {
            Ok(asked) => asked,
            Err(why) => return json(&Answer::<()>::Refused(why.to_string())),
        };
        self.editing.follow(&self.package);
        let plan = self.compilation.as_ref().and_then(|known| known.plan.as_ref());
        if let Some(plan) = plan.filter(|_| needs == Needs::Meaning) {
            self.editing.understand(plan, asked.path());
        }
        let answer = self.editing.at(&asked).map(|at| answer(&at));
        json(&answer.map(|answer| answer.map_or_else(Answer::Refused, Answer::Of)))
    }

    fn of_build<T>(&mut self, answer: impl FnOnce(&Compilation) -> Result<T, String>) -> Answer<T> {
        match self.compiled(Reached::Artifacts) {
            Some(compilation) => answer(compilation).map_or_else(Answer::Refused, Answer::Of),
            None => nothing_yet(),
        }
    }
}

impl Checked {
    fn of(compilation: &Compilation, reached: Reached) -> Self {
        let found = compilation.findings(Goal::Check);
        let diagnostics = Finding::first(&found, &compilation.sources);
        Self {
            more: found.len() - diagnostics.len(),
            diagnostics,
            promises: promises(compilation, &found),
            finished: reached > Reached::Checks,
            ends: compilation.plan.as_ref().map(|plan| ends(&plan.model)).unwrap_or_default(),
            understood: compilation.plan.is_some(),
        }
    }
}

fn nothing_yet<T>() -> Answer<T> {
    Answer::Refused("there is no package yet".to_owned())
}

fn ends(model: &Model) -> Vec<String> {
    let identities = model.identities.ids().map(|identity| model.identity_name(identity));
    let groups = model.groups.rows().iter().map(|group| group.name.value.to_string());
    let externals = model.externals.rows().iter().map(|external| external.name.value.to_string());
    let built_in = BuiltIn::ALL.iter().map(|end| end.keyword().to_owned());
    groups.chain(externals).chain(built_in).chain(identities).take(MOST_ENDS).collect()
}
