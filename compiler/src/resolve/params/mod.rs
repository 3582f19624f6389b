//! Parameters: typed by their defaults, overridden from outside.

mod given;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleetnet_lang::ast::{self, Text};
use fleetnet_lang::{Diagnostic, FileId, Span, literals};

use super::context::{Context, Declared};
use super::names::{Found, Index};
use super::order::in_order;
use crate::codes::names as codes;
use crate::model::{Name, Spanned, Uses};
pub use given::Outside;
use given::{Given, Written};

/// The parameters of a package.
#[derive(Debug, Default)]
pub(super) struct Params {
    index: Arc<Index<Value>>,
    used: BTreeSet<Name>,
    uses: Uses,
}

/// The value of a parameter.
#[derive(Clone, Debug)]
struct Value {
    kind: Kind,
    text: Name,
    /// Where it is written: in an environment file, or as the default.
    span: Span,
}

/// What a parameter's default is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Percent,
    Duration,
    Cidr,
    Name,
}

impl Kind {
    /// Whether a text without quotes is of this kind. A name may look like a number.
    fn fits(self, text: &str, span: Span) -> bool {
        match self {
            Self::Text => false,
            Self::Name => literals::name(text, span).is_ok(),
            Self::Number | Self::Percent | Self::Duration | Self::Cidr => kind_of(text, span) == Some(self),
        }
    }

    fn described(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Percent => "a percentage",
            Self::Duration => "a duration",
            Self::Cidr => "a CIDR",
            Self::Name => "a name",
        }
    }
}

impl Params {
    /// The same parameters, with no use of them noted.
    pub fn part(&self) -> Self {
        Self { index: Arc::clone(&self.index), ..Self::default() }
    }

    /// Those of which a use was noted.
    pub fn used(&self) -> &BTreeSet<Name> {
        &self.used
    }

    /// Whether no use of any was noted.
    pub fn are_unused(&self) -> bool {
        self.used.is_empty()
    }

    /// Takes in the uses that a part noted.
    pub fn join(&mut self, part: Self) {
        self.used.extend(part.used);
        self.uses.join(part.uses);
    }

    /// The value of `$NAME` and where it stands.
    pub fn value(&mut self, name: &str) -> Found<(Name, Span)> {
        match self.index.get(name) {
            Found::Is(value) => {
                self.used.insert(name.into());
                Found::Is((value.text, value.span))
            }
            Found::Broken => {
                self.used.insert(name.into());
                Found::Broken
            }
            Found::Unknown => Found::Unknown,
        }
    }

    /// A word with its parameter replaced, if it is one; without a report where that cannot be.
    pub fn replaced(&self, word: &ast::Word<'_>) -> Name {
        match word.param().map(|name| self.index.get(name)) {
            Some(Found::Is(value)) => value.text,
            Some(Found::Broken | Found::Unknown) | None => word.text().into(),
        }
    }

    /// Notes that a value is used.
    pub fn note_use(&mut self, at: Span, value: Span) {
        self.uses.note(at, value);
    }

    /// The uses.
    pub fn uses(&self) -> &Uses {
        &self.uses
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.index.names()
    }

    /// Whether something uses a parameter.
    pub fn is_used(&self, name: &Name) -> bool {
        self.used.contains(name)
    }
}

/// Reads the parameters. Values that are set for unknown ones on the command line are reported at `root`, as they stand in no file.
pub(super) fn resolve(ctx: &mut Context, declared: &[Declared<ast::Param<'_>>], outside: Outside<'_>, root: Span) {
    let (given, names) = Given::gather(ctx, outside);
    let places: BTreeMap<&Name, usize> =
        declared.iter().zip(0..).map(|(param, place)| (&param.name.value, place)).collect();
    let alias = |value: &Text<'_>| places.get(&Name::from(value.param()?)).copied();
    let dependencies: Vec<Vec<usize>> = declared
        .iter()
        .map(|param| {
            let written = given.written(&param.name.value).iter().map(|written| &written.value);
            param.node.value().iter().chain(written).filter_map(alias).collect()
        })
        .collect();
    let ordered = in_order(&dependencies);
    for cycle in &ordered.cycles {
        let Some(param) = cycle.first().and_then(|place| declared.get(*place)) else { continue };
        let message = format!("parameter `{}` is its own value", param.name.value);
        ctx.report(Diagnostic::new(codes::CYCLE, param.name.span, message).help("give it a literal or a name"));
    }
    let circular: BTreeSet<usize> = ordered.cycles.iter().flatten().copied().collect();
    for place in ordered.order {
        let Some(param) = declared.get(place) else { continue };
        let default = if circular.contains(&place) { None } else { default(ctx, param) };
        let value = default.map(|default| {
            let mut value = default.clone();
            for written in given.written(&param.name.value) {
                value = replaced(ctx, param, &default, written).unwrap_or(value);
            }
            match given.set(&param.name.value) {
                Some(text) => set(ctx, param, &default, text).unwrap_or(value),
                None => value,
            }
        });
        Arc::make_mut(&mut ctx.params.index).insert(param.name.value.clone(), value);
    }
    given.report_unknown(ctx, &names, root);
}

fn default(ctx: &mut Context, param: &Declared<ast::Param<'_>>) -> Option<Value> {
    evaluated(ctx, &param.node.value()?, param.file)
}

/// What a value says; that of another parameter, if it is `$OTHER`.
fn evaluated(ctx: &mut Context, value: &Text<'_>, file: FileId) -> Option<Value> {
    let span = value.span(file);
    if let Some(other) = value.param() {
        return match ctx.params.value(other) {
            Found::Is(_) => match ctx.params.index.get(other) {
                Found::Is(value) => Some(value),
                Found::Broken | Found::Unknown => None,
            },
            Found::Broken => None,
            Found::Unknown => {
                unknown(ctx, other, span);
                None
            }
        };
    }
    match value {
        Text::Str(string) => match string.value(file) {
            Ok(text) => Some(Value { kind: Kind::Text, text: text.into(), span }),
            Err(diagnostic) => {
                ctx.report(diagnostic);
                None
            }
        },
        Text::Word(word) => {
            let kind = kind_of(word.text(), span);
            if kind.is_none() {
                let message = format!("`{}` is not a value", word.text());
                let help = "write a name, a number, a percentage, a duration, a CIDR, or a text in quotes";
                ctx.report(Diagnostic::new(codes::BAD_VALUE, span, message).help(help));
            }
            Some(Value { kind: kind?, text: word.text().into(), span })
        }
    }
}

fn kind_of(text: &str, span: Span) -> Option<Kind> {
    let kinds = [
        (Kind::Number, literals::number(text, span, 0..=u64::MAX).is_ok()),
        (Kind::Percent, literals::percent(text, span).is_ok()),
        (Kind::Duration, literals::duration(text, span).is_ok()),
        (Kind::Cidr, literals::cidr(text, span).is_ok()),
        (Kind::Name, literals::name(text, span).is_ok()),
    ];
    kinds.into_iter().find(|(_, is)| *is).map(|(kind, _)| kind)
}

/// The value that an environment file has, if it is of the type of the default; else nothing, so that one mistake stays one.
fn replaced(
    ctx: &mut Context,
    param: &Declared<ast::Param<'_>>,
    default: &Value,
    written: &Written<'_>,
) -> Option<Value> {
    let Written { file, value } = written;
    let span = value.span(*file);
    let (text, fits, other) = match value {
        // Another parameter's value, or what stands here in quotes.
        Text::Str(_) => {
            let value = evaluated(ctx, value, *file)?;
            let unquoted = default.kind.fits(value.text.as_str(), span).then(|| value.text.to_string());
            (value.text, default.kind == Kind::Text, unquoted)
        }
        Text::Word(word) if word.param().is_some() => {
            let value = evaluated(ctx, value, *file)?;
            (value.text, default.kind == value.kind, None)
        }
        Text::Word(word) => {
            let quoted = (default.kind == Kind::Text).then(|| format!("\"{}\"", word.text()));
            (word.text().into(), default.kind.fits(word.text(), span), quoted)
        }
    };
    if fits {
        return Some(Value { kind: default.kind, text, span });
    }
    let kind = default.kind.described();
    let message = format!("`{}` is {kind}, and what is set for it is not", param.name.value);
    let found = Diagnostic::new(codes::PARAM_TYPE, span, message).related(default.span, "its default");
    ctx.report(match other {
        Some(other) => found.help(format!("write {kind}: `{other}`")).fix(span, other),
        None => found.help(format!("set {kind}, as the default is")),
    });
    None
}

/// The value of `--set`, if it is of the type of the default.
fn set(ctx: &mut Context, param: &Declared<ast::Param<'_>>, default: &Value, text: &str) -> Option<Value> {
    let quoted = text.starts_with('"');
    let said = if quoted { literals::string(text, default.span) } else { Ok(text.to_owned()) };
    // Quotes are the shell's as well as ours: a text may be given without.
    let fits = default.kind == Kind::Text || (!quoted && default.kind.fits(text, default.span));
    match said {
        Ok(said) if fits => Some(Value { text: said.into(), ..default.clone() }),
        Ok(_) | Err(_) => {
            let kind = default.kind.described();
            let message = format!("`{}` is {kind}, and `{text}`, which is set for it, is not", param.name.value);
            let help = format!("set {kind}, as the default is");
            ctx.report(Diagnostic::new(codes::PARAM_TYPE, default.span, message).help(help));
            None
        }
    }
}

/// Reports a `$NAME` that is no parameter.
pub(super) fn unknown(ctx: &mut Context, name: &str, span: Span) {
    let known: Vec<&str> = ctx.params.names().map(Name::as_str).collect();
    let message = format!("`${name}` is not a parameter of this package");
    let found = Diagnostic::new(codes::UNKNOWN_PARAM, span, message);
    if literals::name(name, span).is_err() {
        ctx.report(
            found.help("a parameter stands for a whole word: put all of it into the parameter, as a text in quotes"),
        );
        return;
    }
    ctx.report(match fleetnet_lang::suggest::nearest(name, &known) {
        Some(near) => found.help(format!("did you mean `${near}`?")).suggest(span, format!("${near}")),
        None => found.help(format!("declare it: `param {name} = VALUE`")),
    });
}

/// Parameters that nothing uses.
pub(super) fn unused(ctx: &Context, declared: &[Declared<ast::Param<'_>>]) -> Vec<Spanned<Name>> {
    declared.iter().map(|param| param.name.clone()).filter(|name| !ctx.params.is_used(&name.value)).collect()
}
