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
    /// What was found by asking the promises; nothing where they were not asked.
    promises: Option<Vec<Diagnostic>>,
}

/// A compilation of a package, stage by stage.
#[derive(Debug)]
pub struct Checking {
    package: Package,
    compilation: Compilation,
    /// What was found before the promises were asked, in order, once they are.
    unasked: Option<Vec<Diagnostic>>,
}

impl Checking {
    /// Everything but the promises of a package.
    #[must_use]
    pub fn begin(package: Package, params: &[ParamValue], workers: &dyn Workers) -> Self {
        let compilation = package.begin(params, workers);
        Self { package, compilation, unasked: None }
    }

    /// What is found so far.
    #[must_use]
    pub fn checked(&self) -> Checked {
        let all = self.compilation.findings(Goal::Check);
        let Some(unasked) = &self.unasked else { return Checked::of(&self.package, all) };
        let unasked: Vec<&Diagnostic> = unasked.iter().collect();
        let (found, promises) = all.into_iter().partition(|found| holds(&unasked, found));
        Checked { promises: Some(promises), ..Checked::of(&self.package, found) }
    }

    /// What is kept for the next edits, if there is a plan; to be called once, before the meaning is taken.
    #[must_use]
    pub fn kept(&mut self, params: &[ParamValue], workers: &dyn Workers) -> Option<Kept> {
        let again = self.package.again(&mut self.compilation, workers)?;
        Some(Kept { params: params.to_vec(), again })
    }

    /// Asks the promises.
    pub fn prove(&mut self, workers: &dyn Workers) {
        self.unasked = Some(self.compilation.findings(Goal::Check));
        self.compilation.prove(workers);
    }

    /// The meaning of the package, if it has one.
    #[must_use]
    pub fn plan(self) -> Option<Plan> {
        self.compilation.plan
    }
}

/// A package as it was compiled, of which most edits can be checked without compiling all of it.
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
        Self { package: package.clone(), found, waived, promises: None }
    }

    /// Until its promises are asked, what was found of those of an earlier package stays where it was.
    #[must_use]
    pub fn after(self, earlier: &Self) -> Self {
        let Some(promises) = earlier.promises.as_ref().filter(|_| self.promises.is_none()) else { return self };
        let since = Since::new(&earlier.package, &self.package);
        Self { promises: Some(promises.iter().filter_map(|found| carry(&since, found)).collect()), ..self }
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
        let all = self.found.iter().chain(self.promises.iter().flatten());
        let carried = all.filter(|found| since.file(found.span.file).is_some_and(&wanted));
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

#[cfg(test)]
mod tests {
    use fleetnet_compiler::workers::Alone;
    use fleetnet_lang::SourceFile;

    use super::{Checked, Checking};
    use crate::package::Package;

    const FLEET: &str = "fleet f { default deny }\n\
        cluster one { id 1 ; region here ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium \"1.18.0\" }\n\
        namespace shop { in one }\nidentity shop/web { match app = web }\nidentity shop/db { match app = db }\n\
        policy p { allow shop/web -> shop/db on 80/tcp }\ntest \"t\" { can shop/web -> shop/db on 81/tcp }\n";

    fn places(checked: &Checked, package: &Package) -> Vec<(u16, String)> {
        let found = checked.current(package).into_iter();
        found.map(|found| (found.code.number, package.text(found.span).to_owned())).collect()
    }

    #[test]
    fn a_broken_promise_stays_until_it_is_asked_again() {
        let package = Package::new([SourceFile::new("a.fleetnet", FLEET)]);
        let mut checking = Checking::begin(package.clone(), &[], &Alone);
        let unasked = places(&checking.checked(), &package);
        checking.prove(&Alone);
        let first = checking.checked();
        let all = places(&first, &package);
        assert_eq!(all.len(), unasked.len() + 1, "{all:?}");

        let edited = Package::new([SourceFile::new("a.fleetnet", format!("# a comment\n{FLEET}"))]);
        let mut checking = Checking::begin(edited.clone(), &[], &Alone);
        assert_eq!(places(&checking.checked().after(&first), &edited), all);
        checking.prove(&Alone);
        assert_eq!(places(&checking.checked().after(&first), &edited), all);

        let kept = Package::new([SourceFile::new("a.fleetnet", FLEET.replace("81/tcp", "80/tcp"))]);
        let mut checking = Checking::begin(kept.clone(), &[], &Alone);
        checking.prove(&Alone);
        assert_eq!(places(&checking.checked().after(&first), &kept), unasked);
    }
}
