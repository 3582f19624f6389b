//! Values of parameters from outside the package: environment files, and `--set`.

use std::collections::BTreeMap;

use fleetnet_lang::ast::{AstNode as _, Declaration, Text};
use fleetnet_lang::{Diagnostic, FileId, Parse, Span, SyntaxKind, suggest};

use crate::codes::names as codes;
use crate::compile::ParamValue;
use crate::model::{Name, Spanned};
use crate::resolve::context::Context;

/// What is set from outside.
#[derive(Clone, Copy, Default)]
pub struct Outside<'a> {
    /// The trees of environment files; the value of a later one holds.
    pub environments: &'a [(FileId, Parse)],
    /// Values that hold whatever a file says.
    pub set: &'a [ParamValue],
}

impl Outside<'_> {
    /// What each parameter is set to in the end, in order of name: who set it makes no difference to a build.
    #[must_use]
    pub fn effective(self) -> Vec<ParamValue> {
        let mut values = BTreeMap::new();
        for (file, parse) in self.environments {
            for (name, value) in written(*file, parse) {
                values.insert(name.value.to_string(), value.value(*file).unwrap_or_default());
            }
        }
        values.extend(self.set.iter().map(|set| (set.name.clone(), set.value.clone())));
        values.into_iter().map(|(name, value)| ParamValue { name, value }).collect()
    }
}

/// The values for the parameters of one package.
pub(super) struct Given<'a> {
    /// In order of files.
    written: BTreeMap<Name, Vec<Written<'a>>>,
    set: BTreeMap<&'a str, &'a str>,
}

/// A value in an environment file.
pub(super) struct Written<'t> {
    pub file: FileId,
    pub value: Text<'t>,
}

impl<'a> Given<'a> {
    /// Collects the values. One that a file sets twice is reported at the second, which is left out.
    pub fn gather(ctx: &mut Context, outside: Outside<'a>) -> (Self, Vec<Spanned<Name>>) {
        let mut given = Self { written: BTreeMap::new(), set: BTreeMap::new() };
        let mut names = Vec::new();
        given.set.extend(outside.set.iter().map(|set| (set.name.as_str(), set.value.as_str())));
        for (file, parse) in outside.environments {
            let mut seen: BTreeMap<Name, Span> = BTreeMap::new();
            for (name, value) in written(*file, parse) {
                if let Some(first) = seen.get(&name.value) {
                    let message = format!("`{}` is already set in this file", name.value);
                    let found = Diagnostic::new(codes::SECOND, name.span, message).related(*first, "set here first");
                    ctx.report(found.help("keep the one that is meant"));
                    continue;
                }
                seen.insert(name.value.clone(), name.span);
                given.written.entry(name.value.clone()).or_default().push(Written { file: *file, value });
                names.push(name);
            }
        }
        (given, names)
    }

    /// What environment files say of a parameter.
    pub fn written(&self, name: &Name) -> &[Written<'a>] {
        self.written.get(name).map_or(&[], Vec::as_slice)
    }

    /// What `--set` says of a parameter.
    pub fn set(&self, name: &Name) -> Option<&'a str> {
        self.set.get(name.as_str()).copied()
    }

    /// Reports the names that are no parameters: those of `--set` at `root`, as they stand in no file.
    pub fn report_unknown(&self, ctx: &mut Context, names: &[Spanned<Name>], root: Span) {
        let known: Vec<Name> = ctx.params.names().cloned().collect();
        let known: Vec<&str> = known.iter().map(Name::as_str).collect();
        let is_known = |name: &str| known.binary_search(&name).is_ok();
        for name in names.iter().filter(|name| !is_known(name.value.as_str())) {
            let found = unknown(name.value.as_str(), name.span, &known);
            ctx.report(match suggest::nearest(name.value.as_str(), &known) {
                Some(near) => found.suggest(name.span, near.to_owned()),
                None => found,
            });
        }
        for name in self.set.keys().filter(|name| !is_known(name)) {
            ctx.report(unknown(name, root, &known));
        }
    }
}

fn unknown(name: &str, span: Span, known: &[&str]) -> Diagnostic {
    let message = format!("a value is set for `{name}`, which is not a parameter of this package");
    Diagnostic::new(codes::UNKNOWN_OVERRIDE, span, message).help(match suggest::nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it with `param {name} = VALUE`, or do not set it"),
    })
}

/// The names and values of a file. What is no `NAME = VALUE` was reported by the parser.
fn written(file: FileId, parse: &Parse) -> impl Iterator<Item = (Spanned<Name>, Text<'_>)> {
    let declarations = parse.file().into_iter().flat_map(|root| root.declarations());
    declarations.filter_map(move |declaration| {
        let Declaration::Param(param) = declaration else { return None };
        param.syntax().tokens_of(SyntaxKind::Eq).next()?;
        let name = param.name()?;
        Some((Spanned::new(name.text().into(), name.span(file)), param.value()?))
    })
}
