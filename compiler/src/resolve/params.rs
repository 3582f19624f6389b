//! Parameters: typed by their defaults, overridden from outside.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::ast::{self, Text};
use fleetnet_lang::{Diagnostic, Span, literals};

use super::context::{Context, Declared};
use super::names::{Found, Index};
use super::order::in_order;
use crate::codes::names as codes;
use crate::compile::ParamValue;
use crate::model::{Name, Spanned};

/// The parameters of a package.
#[derive(Default)]
pub(super) struct Params {
    index: Index<Value>,
    used: BTreeSet<Name>,
}

/// The value of a parameter.
#[derive(Clone, Debug)]
struct Value {
    kind: Kind,
    text: Name,
    /// Where its default is written.
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
    /// The value of `$NAME` and where its default stands.
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
    pub fn replaced(&self, word: &ast::Word) -> Name {
        match word.param().map(|name| self.index.get(name)) {
            Some(Found::Is(value)) => value.text,
            Some(Found::Broken | Found::Unknown) | None => word.text().into(),
        }
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

/// Reads the parameters. Values for unknown ones are reported at `root`, as they stand in no file.
pub(super) fn resolve(ctx: &mut Context, declared: &[Declared<ast::Param>], given: &[ParamValue], root: Span) {
    let places: BTreeMap<&Name, usize> =
        declared.iter().zip(0..).map(|(param, place)| (&param.name.value, place)).collect();
    let alias = |param: &Declared<ast::Param>| {
        let value = param.node.value()?;
        places.get(&Name::from(value.param()?)).copied()
    };
    let dependencies: Vec<Vec<usize>> = declared.iter().map(|param| alias(param).into_iter().collect()).collect();
    let ordered = in_order(&dependencies);
    for cycle in &ordered.cycles {
        let Some(param) = cycle.first().and_then(|place| declared.get(*place)) else { continue };
        let message = format!("parameter `{}` is its own value", param.name.value);
        ctx.report(Diagnostic::new(codes::CYCLE, param.name.span, message).help("give it a literal or a name"));
    }
    let given: BTreeMap<&str, &str> = given.iter().map(|given| (given.name.as_str(), given.value.as_str())).collect();
    let circular: BTreeSet<usize> = ordered.cycles.iter().flatten().copied().collect();
    for place in ordered.order {
        let Some(param) = declared.get(place) else { continue };
        let default = if circular.contains(&place) { None } else { default(ctx, param) };
        let value = match (default, given.get(param.name.value.as_str())) {
            (Some(default), Some(text)) => Some(overridden(ctx, param, default, text)),
            (default, _) => default,
        };
        ctx.params.index.insert(param.name.value.clone(), value);
    }
    for name in given.keys().filter(|name| !places.contains_key(&Name::from(**name))) {
        let known: Vec<&str> = ctx.params.names().map(Name::as_str).collect();
        let help = match fleetnet_lang::suggest::nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare it with `param {name} = VALUE`, or do not set it"),
        };
        let message = format!("a value is set for `{name}`, which is not a parameter of this package");
        ctx.report(Diagnostic::new(codes::UNKNOWN_OVERRIDE, root, message).help(help));
    }
}

fn default(ctx: &mut Context, param: &Declared<ast::Param>) -> Option<Value> {
    let value = param.node.value()?;
    let span = value.span(param.file);
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
    match &value {
        Text::Str(string) => match string.value(param.file) {
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

/// The value from outside, if it has the type of the default; else the default, so that one mistake stays one.
fn overridden(ctx: &mut Context, param: &Declared<ast::Param>, default: Value, text: &str) -> Value {
    let quoted = text.starts_with('"');
    let said = if quoted { literals::string(text, default.span) } else { Ok(text.to_owned()) };
    let fits = match default.kind {
        // Quotes are the shell's as well as ours: a text may be given without.
        Kind::Text => true,
        Kind::Name => !quoted && literals::name(text, default.span).is_ok(),
        Kind::Number | Kind::Percent | Kind::Duration | Kind::Cidr => kind_of(text, default.span) == Some(default.kind),
    };
    match said {
        Ok(said) if fits => Value { text: said.into(), ..default },
        Ok(_) | Err(_) => {
            let kind = default.kind.described();
            let message = format!("`{}` is {kind}, and `{text}`, which is set for it, is not", param.name.value);
            let help = format!("set {kind}, as the default is");
            ctx.report(Diagnostic::new(codes::PARAM_TYPE, default.span, message).help(help));
            default
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
        Some(near) => found.help(format!("did you mean `${near}`?")).fix(span, format!("${near}")),
        None => found.help(format!("declare it: `param {name} = VALUE`")),
    });
}

/// Parameters that nothing uses.
pub(super) fn unused(ctx: &Context, declared: &[Declared<ast::Param>]) -> Vec<Spanned<Name>> {
    declared.iter().map(|param| param.name.clone()).filter(|name| !ctx.params.is_used(&name.value)).collect()
}
