//! Words and strings of one file as values, parameters replaced.

use std::collections::BTreeMap;
use std::time::Duration;

use fleetnet_lang::ast::{self, AstNode, RequirementOp, Text, Word};
use fleetnet_lang::codes::DUPLICATE_KEY;
use fleetnet_lang::literals::{self, Amount, Percent};
use fleetnet_lang::{Diagnostic, FileId, Span};

use super::context::Context;
use super::names::Found;
use super::params;
use crate::codes::names as codes;
use crate::model::satisfy::Conjunction;
use crate::model::{
    Cidr, Condition, Defaults, Labels, Name, PortExpr, PortRange, Protocol, Requirement, Selector, Spanned, Transport,
    Verb, Version,
};

/// Reads what stands in one file. What cannot be read is reported and gives nothing.
pub(super) struct Reader<'c> {
    /// Where findings go.
    pub ctx: &'c mut Context,
    /// The file.
    pub file: FileId,
}

impl<'c> Reader<'c> {
    /// A reader of a file.
    pub fn new(ctx: &'c mut Context, file: FileId) -> Self {
        Self { ctx, file }
    }

    /// Where a node stands.
    pub fn span<'t>(&self, node: &impl AstNode<'t>) -> Span {
        node.span(self.file)
    }

    /// A word by one of the language's literals.
    fn literal<T>(
        &mut self,
        word: &Word<'_>,
        read: impl FnOnce(&str, Span) -> Result<T, Diagnostic>,
    ) -> Option<Spanned<T>> {
        let span = word.span(self.file);
        let text = match word.param() {
            Some(param) => self.param(param, span)?.0,
            None => word.text().into(),
        };
        self.checked(read(text.as_str(), span), span)
    }

    /// The value of a parameter and where it stands.
    fn param(&mut self, name: &str, span: Span) -> Option<(Name, Span)> {
        match self.ctx.params.value(name) {
            Found::Is(value) => {
                self.ctx.params.note_use(span, value.1);
                Some(value)
            }
            Found::Broken => None,
            Found::Unknown => {
                params::unknown(self.ctx, name, span);
                None
            }
        }
    }

    /// A value, or the report of what is wrong with it. In a parameter's value the place is that of its use.
    fn checked<T>(&mut self, read: Result<T, Diagnostic>, span: Span) -> Option<Spanned<T>> {
        match read {
            Ok(value) => Some(Spanned::new(value, span)),
            Err(found) => {
                let is_use = self.ctx.params.uses().is_at(span);
                self.ctx.report(if is_use { Diagnostic { span, fix: None, ..found } } else { found });
                None
            }
        }
    }

    /// A name where something gets it: its form is told there, whatever else has the same.
    pub fn given_name(&mut self, word: &Word<'_>) -> Option<Spanned<Name>> {
        self.literal(word, |text, span| literals::name(text, span).map(Name::from))
    }

    /// A name.
    pub fn name(&mut self, word: &Word<'_>) -> Option<Spanned<Name>> {
        let misnamed = self.ctx.misnamed.clone();
        self.literal(word, |text, span| match literals::name(text, span) {
            Err(_) if misnamed.declares(text) => Ok(text.into()),
            read => read.map(Name::from),
        })
    }

    /// `NAMESPACE/NAME`.
    pub fn namespaced(&mut self, word: &Word<'_>) -> Option<Spanned<Name>> {
        let misnamed = self.ctx.misnamed.clone();
        self.literal(word, |text, span| match literals::namespaced_name(text, span) {
            Err(_) if misnamed.declares_namespaced(text, span) => Ok(text.into()),
            read => read.map(|_| text.into()),
        })
    }

    /// The name of an application's protocol, which Kubernetes writes as it does keys of labels.
    pub fn app_protocol(&mut self, word: &Word<'_>) -> Option<Spanned<Name>> {
        self.literal(word, |text, span| {
            literals::label_key(text, span).map(Name::from).map_err(|found| Diagnostic {
                message: format!("`{text}` is not the name of an application's protocol"),
                ..found
            })
        })
    }

    /// A word as it stands.
    pub fn word(&mut self, word: &Word<'_>) -> Option<Spanned<Name>> {
        self.literal(word, |text, _| Ok(Name::from(text)))
    }

    /// A string, or a value that may be quoted.
    pub fn text(&mut self, text: &Text<'_>) -> Option<Spanned<Name>> {
        self.quoted(text, |_, _| Ok(()))
    }

    /// A string of a certain form.
    fn quoted(
        &mut self,
        text: &Text<'_>,
        check: impl FnOnce(&str, Span) -> Result<(), Diagnostic>,
    ) -> Option<Spanned<Name>> {
        match text {
            Text::Word(word) => self.literal(word, |said, span| check(said, span).map(|()| Name::from(said))),
            Text::Str(string) => {
                let said = self.checked(string.value(self.file), string.span(self.file))?;
                let checked = check(&said.value, string.inner_span(self.file));
                self.checked(checked.map(|()| Name::from(said.value.as_str())), said.span)
            }
        }
    }

    /// A pattern of DNS names, in lower case.
    pub fn dns_pattern(&mut self, text: &Text<'_>) -> Option<Spanned<Name>> {
        let read = self.quoted(text, |said, span| literals::dns_pattern(without_dot(said), span).map(|_| ()))?;
        Some(Spanned::new(without_dot(read.value.as_str()).to_ascii_lowercase().into(), read.span))
    }

    /// A host name of a listener.
    pub fn host(&mut self, text: &Text<'_>) -> Option<Spanned<Name>> {
        self.quoted(text, |said, span| literals::dns_pattern(said, span).map(|_| ()))
    }

    /// A number of a range.
    pub fn number(&mut self, word: &Word<'_>, range: std::ops::RangeInclusive<u64>) -> Option<Spanned<u64>> {
        self.literal(word, |text, span| literals::number(text, span, range))
    }

    /// A port of a rule, or its name.
    pub fn port(&mut self, word: &Word<'_>) -> Option<PortExpr> {
        let read = |text: &str, span| literals::port(text, span).map(port_expr);
        self.literal(word, read).map(|port| port.value)
    }

    /// A port's number.
    pub fn port_number(&mut self, word: &Word<'_>) -> Option<Spanned<u16>> {
        self.literal(word, literals::port_number)
    }

    /// A port with its protocol.
    pub fn port_on(&mut self, word: &Word<'_>) -> Option<Spanned<(u16, Transport)>> {
        let read = |text: &str, span| literals::port_on(text, span).map(|(port, protocol)| (port, transport(protocol)));
        self.literal(word, read)
    }

    /// A percentage.
    pub fn percent(&mut self, word: &Word<'_>) -> Option<Spanned<Percent>> {
        self.literal(word, literals::percent)
    }

    /// A number or a percentage.
    pub fn amount(&mut self, word: &Word<'_>) -> Option<Spanned<Amount>> {
        self.literal(word, literals::amount)
    }

    /// A duration.
    pub fn duration(&mut self, word: &Word<'_>) -> Option<Spanned<Duration>> {
        self.literal(word, literals::duration)
    }

    /// A CIDR.
    pub fn cidr(&mut self, word: &Word<'_>) -> Option<Spanned<Cidr>> {
        let cidr = self.literal(word, literals::cidr)?;
        let converted = Cidr::new(cidr.value.address(), cidr.value.prefix()).ok()?;
        Some(Spanned::new(converted, cidr.span))
    }

    /// The path of a request, with or without wildcards.
    pub fn path(&mut self, text: &Text<'_>) -> Option<Spanned<Name>> {
        let path = self.text(text)?;
        let Some((message, help)) = wrong_path(path.value.as_str()) else { return Some(path) };
        self.ctx.report(Diagnostic::new(codes::BAD_VALUE, path.span, message).help(help));
        None
    }

    /// A version in quotes. What stands behind a `-` is left out: a candidate has its release's behaviour.
    pub fn version(&mut self, text: &Text<'_>) -> Option<Spanned<Version>> {
        let said = self.quoted(text, |said, span| literals::version(said, span).map(|_| ()))?;
        let version = literals::version(said.value.as_str(), said.span).ok()?;
        let parts = [version.major, version.minor, version.patch].map(u16::try_from);
        let [Ok(major), Ok(minor), Ok(patch)] = parts else {
            let message = format!("`{}` is not a released version", said.value);
            let help = "write the version of the cluster's data path, for instance `1.18.9`";
            self.ctx.report(Diagnostic::new(codes::BAD_VALUE, said.span, message).help(help));
            return None;
        };
        Some(Spanned::new(Version { major, minor, patch }, said.span))
    }

    /// The entries of `labels` or `annotations`, less those that the system sets.
    pub fn map<'t>(&mut self, entries: impl Iterator<Item = ast::MapEntry<'t>>, kind: MapKind) -> Labels {
        let mut labels = Labels::new();
        let mut places: BTreeMap<Name, Span> = BTreeMap::new();
        for entry in entries {
            let (Some(key), Some(value)) = (entry.key(), entry.value()) else { continue };
            let Some(key) = self.quoted(&key, |said, span| literals::label_key(said, span).map(|_| ())) else {
                continue;
            };
            let value = match kind {
                MapKind::Labels => self.quoted(&value, |said, span| literals::label_value(said, span).map(|_| ())),
                MapKind::Annotations => self.text(&value),
            };
            if is_reserved(key.value.as_str()) {
                let message = format!("`{}` is reserved: the system sets it", key.value);
                let help = "use a prefix of your own, or `app.kubernetes.io/`";
                self.ctx.report(Diagnostic::new(codes::RESERVED_KEY, key.span, message).help(help));
                continue;
            }
            // The parser knows of those that are written alike.
            if let Some(first) = places.get(&key.value) {
                let message = format!("the key `{}` has two values", key.value);
                self.ctx.report(twice(key.span, *first, message));
                continue;
            }
            places.insert(key.value.clone(), key.span);
            if let Some(value) = value {
                labels.insert(key.value, value.value);
            }
        }
        labels
    }

    /// A selector. One that nothing satisfies is not reported here: what that means depends on where it stands.
    pub fn selector(&mut self, selector: &ast::Selector<'_>) -> Option<Spanned<Selector>> {
        let span = self.span(selector);
        let read: Vec<Option<Requirement>> = selector.requirements().map(|each| self.requirement(&each)).collect();
        let requirements = read.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Spanned::new(Selector { requirements }, span))
    }

    /// A selector that some labels satisfy.
    pub fn satisfiable(&mut self, selector: &ast::Selector<'_>) -> Option<Spanned<Selector>> {
        let read = self.selector(selector)?;
        if Conjunction::of_selector(&read.value).is_some() {
            return Some(read);
        }
        let key = contradiction(&read.value);
        let message = format!("no pod can match this: its conditions on `{key}` exclude each other");
        let help = "every condition of a selector must hold; for pods of either kind write two `match` lines";
        self.ctx.report(Diagnostic::new(codes::UNSATISFIABLE, read.span, message).help(help));
        None
    }

    fn requirement(&mut self, requirement: &ast::Requirement<'_>) -> Option<Requirement> {
        let key = self.quoted(&requirement.key()?, |said, span| literals::label_key(said, span).map(|_| ()))?;
        let values = requirement.values().map(|value| {
            let read = self.quoted(&value, |said, span| literals::label_value(said, span).map(|_| ()));
            read.map(|value| value.value)
        });
        let mut values = values.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()?;
        values.sort_unstable();
        values.dedup();
        let op = requirement.op()?;
        let takes_values = !matches!(op, RequirementOp::Has | RequirementOp::NotHas);
        // Where they are missing, the parser reported it.
        if takes_values && values.is_empty() {
            return None;
        }
        let condition = match op {
            RequirementOp::Equals | RequirementOp::In => Condition::In(values),
            RequirementOp::NotEquals | RequirementOp::NotIn => Condition::NotIn(values),
            RequirementOp::Has => Condition::Exists,
            RequirementOp::NotHas => Condition::Missing,
        };
        Some(Requirement { key: key.value, condition })
    }

    /// Adds a `default …` to those of its block.
    pub fn default(&self, into: &mut Defaults, statement: &ast::DefaultStmt<'_>) {
        let Some(verb) = statement.verb() else { return };
        let verb = Spanned::new(verb_of(verb), self.span(statement));
        if statement.direction() != Some(ast::Direction::Egress) {
            into.ingress = into.ingress.or(Some(verb));
        }
        if statement.direction() != Some(ast::Direction::Ingress) {
            into.egress = into.egress.or(Some(verb));
        }
    }
}

/// What a map is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MapKind {
    /// Labels.
    Labels,
    /// Annotations.
    Annotations,
}

/// Owners of labels and annotations that are not the user's; their subdomains are reserved as well.
const RESERVED: [&str; 4] = ["kubernetes.io", "k8s.io", "cilium.io", "fleet.azure.com"];
/// The part of it that is for users.
const FREE: &str = "app.kubernetes.io";

fn is_reserved(key: &str) -> bool {
    let Some((prefix, _)) = key.split_once('/') else { return false };
    let within = |owner: &str| prefix == owner || prefix.strip_suffix(owner).is_some_and(|rest| rest.ends_with('.'));
    prefix != FREE && RESERVED.into_iter().any(within)
}

/// The key whose conditions exclude each other.
fn contradiction(selector: &Selector) -> Name {
    let alone = |key: &Name| {
        let same = selector.requirements.iter().filter(|requirement| requirement.key == *key);
        Conjunction::of_selector(&Selector { requirements: same.cloned().collect() }).is_none()
    };
    let keys = selector.requirements.iter().map(|requirement| &requirement.key);
    keys.clone().find(|key| alone(key)).or(keys.clone().next()).cloned().unwrap_or_else(|| "".into())
}

/// What keeps a text from being the path of any request, and what to write instead.
pub(super) fn wrong_path(path: &str) -> Option<(String, String)> {
    if !path.starts_with(['/', '*']) {
        let help = "paths start with `/`; `*` stands for any part of a segment, `**` for the rest";
        return Some((format!("`{path}` is not a path"), help.to_owned()));
    }
    let unsent = path.chars().find(|each| matches!(each, '?' | '#') || !each.is_ascii_graphic())?;
    let message = format!("no request has the path `{path}`");
    let help = match unsent {
        '?' => "the query is not compared: leave it out".to_owned(),
        '#' => "what follows a `#` is not sent: leave it out".to_owned(),
        other => format!("paths are compared as they are sent: write `{}` percent-encoded", other.escape_debug()),
    };
    Some((message, help))
}

fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// The verb of a rule or default.
pub(super) fn verb_of(verb: ast::Verb) -> Verb {
    match verb {
        ast::Verb::Allow => Verb::Allow,
        ast::Verb::Deny => Verb::Deny,
    }
}

/// A protocol with ports.
pub(super) fn transport(protocol: literals::Protocol) -> Transport {
    match protocol {
        literals::Protocol::Tcp => Transport::Tcp,
        literals::Protocol::Udp => Transport::Udp,
        literals::Protocol::Sctp => Transport::Sctp,
    }
}

fn port_expr(port: literals::Port<'_>) -> PortExpr {
    match port {
        literals::Port::Any => PortExpr::Any,
        literals::Port::Name(name) => PortExpr::Named(name.into()),
        literals::Port::Protocol(protocol) => PortExpr::Range(PortRange::all(Protocol::Transport(transport(protocol)))),
        literals::Port::Range(range, protocol) => PortExpr::Range(PortRange {
            protocol: Protocol::Transport(transport(protocol)),
            first: range.first(),
            last: range.last(),
        }),
    }
}

/// What has two values, where one of the two is named by a parameter.
pub(super) fn twice(span: Span, first: Span, message: String) -> Diagnostic {
    Diagnostic::new(DUPLICATE_KEY, span, message).related(first, "first written here").help("keep one of the two")
}
