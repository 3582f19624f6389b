//! What is wrong with a package as it is now, though it was last compiled a while ago.
//!
//! The findings about a file's form come with its tree, so they are always those of its text. A whole compilation is of the texts as they
//! were when it began: until the next one is through, what it found moves along with what is typed around it, and is gone once its own text
//! is edited.

use fleetnet_compiler::compile::{Again, Compilation, Goal, ParamValue};
use fleetnet_compiler::plan::Plan;
use fleetnet_compiler::workers::Workers;
use fleetnet_lang::{Diagnostic, FileId, Span};

use crate::package::Package;
use crate::since::Since;

/// What a compilation found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The package as it was compiled.
    pub package: Package,
    /// What was found, but for what is about the form of a file.
    found: Vec<Diagnostic>,
    /// What is about the form of a file and waived.
    waived: Vec<Diagnostic>,
}

/// A compilation of a package, stage by stage.
#[derive(Debug)]
pub struct Checking {
    package: Package,
    compilation: Compilation,
}

impl Checking {
    /// Everything but the promises of a package.
    #[must_use]
    pub fn begin(package: Package, params: &[ParamValue], workers: &dyn Workers) -> Self {
        let compilation = package.begin(params, workers);
        Self { package, compilation }
    }

    /// What is found so far.
    #[must_use]
    pub fn checked(&self) -> Checked {
        Checked::of(&self.package, self.compilation.findings(Goal::Check))
    }

    /// What is kept for the next edits, if there is a plan; to be called once, before the meaning is taken.
    #[must_use]
    pub fn kept(&mut self, params: &[ParamValue], workers: &dyn Workers) -> Option<Kept> {
        let again = self.package.again(&mut self.compilation, workers)?;
        Some(Kept { params: params.to_vec(), again })
    }

    /// Asks the promises.
    pub fn prove(&mut self, workers: &dyn Workers) {
        self.compilation.prove(workers);
    }

    /// The meaning of the package, if it has one.
    #[must_use]
    pub fn plan(self) -> Option<Plan> {
        self.compilation.plan
    }
}

/// A package as it was compiled, of which edits of rules can be checked without compiling all of it.
#[derive(Debug)]
pub struct Kept {
    params: Vec<ParamValue>,
    again: Again,
}

impl Kept {
    /// What is wrong with a package that came of the kept one by edits, but for its promises; nothing where that takes a whole compilation.
    #[must_use]
    pub fn checked(&mut self, package: &Package, params: &[ParamValue], workers: &dyn Workers) -> Option<Checked> {
        if self.params != params {
            return None;
        }
        Some(Checked::of(package, package.findings_again(&mut self.again, workers)?))
    }
}

/// Whether a finding is among others that are in order of place.
fn holds(sorted: &[&Diagnostic], found: &Diagnostic) -> bool {
    let first = sorted.partition_point(|other| other.span < found.span);
    let same_place = sorted.get(first..).unwrap_or_default().iter().take_while(|other| other.span == found.span);
    same_place.into_iter().any(|other| other.code == found.code && other.message == found.message)
}

impl Checked {
    /// What was found in a package, in order.
    fn of(package: &Package, all: Vec<Diagnostic>) -> Self {
        let trees = package.files().filter_map(|(_, file)| file.tree.as_ref());
        let form: Vec<&Diagnostic> = trees.flat_map(|tree| &tree.parse.diagnostics).collect();
        let (form_shown, found) = all.into_iter().partition::<Vec<_>, _>(|found| holds(&form, found));
        let form_shown: Vec<&Diagnostic> = form_shown.iter().collect();
        let waived = form.into_iter().filter(|found| !holds(&form_shown, found)).cloned().collect();
        Self { package: package.clone(), found, waived }
    }

    /// What is wrong with all of a package that came of the compiled one, in [their order](Diagnostic::order).
    #[must_use]
    pub fn current(&self, now: &Package) -> Vec<Diagnostic> {
        self.select(now, |_| true)
    }

    /// What is wrong with one file of it.
    #[must_use]
    pub fn current_of(&self, now: &Package, file: FileId) -> Vec<Diagnostic> {
        self.select(now, |other| other == file)
    }

    fn select(&self, now: &Package, wanted: impl Fn(FileId) -> bool) -> Vec<Diagnostic> {
        let since = Since::new(&self.package, now);
        let waived: Vec<(Span, u16)> =
            self.waived.iter().filter_map(|found| Some((since.span(found.span)?, found.code.number))).collect();
        let trees = now.files().filter(|(id, _)| wanted(*id)).filter_map(|(_, file)| file.tree.as_ref());
        let form = trees.flat_map(|tree| &tree.parse.diagnostics);
        let mut found: Vec<Diagnostic> =
            form.filter(|found| !waived.contains(&(found.span, found.code.number))).cloned().collect();
        let carried = self.found.iter().filter(|found| since.file(found.span.file).is_some_and(&wanted));
        found.extend(carried.filter_map(|found| carry(&since, found)));
        found.sort_by(Diagnostic::order);
        found
    }
}

/// A finding at its place in the text of now.
fn carry(since: &Since, found: &Diagnostic) -> Option<Diagnostic> {
    let mut carried = Diagnostic { span: since.span(found.span)?, ..found.clone() };
    carried.related.retain_mut(|label| since.span(label.span).map(|span| label.span = span).is_some());
    carried.fix = carried.fix.and_then(|fix| Some(fleetnet_lang::Fix { span: since.span(fix.span)?, ..fix }));
    Some(carried)
}
