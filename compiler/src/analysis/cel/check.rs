//! The type checker: from the parser's tree to expressions that have a value.

use cel::common::ast::{CallExpr, Expr as Node, IdedExpr, ListExpr, LiteralValue, SelectExpr, operators};
use fleetnet_lang::Diagnostic;

use super::Mention;
use super::codes;
use super::expr::{Binary, Expr};
use super::parse::Parsed;
use super::schema::{Entry, Field, Scalar, Type, Value};

mod call;
mod operator;

/// An expression with its type.
pub(super) struct Typed<F> {
    pub(super) expr: Expr<F>,
    pub(super) kind: Type,
}

impl<F> Typed<F> {
    fn new(expr: Expr<F>, kind: Type) -> Self {
        Self { expr, kind }
    }

    fn bool(expr: Expr<F>) -> Self {
        Self::new(expr, Type::Scalar(Scalar::Bool))
    }
}

/// Checks one tree. What is wrong is found in one pass; a part with an error has no type, and nothing more is said of what it is part of.
pub(super) struct Checker<'p, F: Field> {
    parsed: &'p Parsed<'p>,
    /// Variables of the macros around, outermost first.
    bound: Vec<(String, Scalar)>,
    ports: Vec<i64>,
    mentions: Vec<Mention<F>>,
    diagnostics: Vec<Diagnostic>,
}

/// What a name or selection speaks of.
enum Place<F: 'static> {
    Record(String, &'static [Entry<F>]),
    Value(Typed<F>),
}

impl<'p, F: Field> Checker<'p, F> {
    pub(super) fn new(parsed: &'p Parsed<'p>) -> Self {
        Self { parsed, bound: Vec::new(), ports: Vec::new(), mentions: Vec::new(), diagnostics: Vec::new() }
    }

    /// The constants that ports are compared with, the texts that other fields are, and what is wrong.
    pub(super) fn finish(self) -> (Vec<i64>, Vec<Mention<F>>, Vec<Diagnostic>) {
        (self.ports, self.mentions, self.diagnostics)
    }

    pub(super) fn check(&mut self, node: &IdedExpr) -> Option<Typed<F>> {
        match &node.expr {
            Node::Ident(_) | Node::Select(_) => match self.place(node)? {
                Place::Value(typed) => Some(typed),
                Place::Record(path, entries) => {
                    let message = format!("`{path}` is a record, not a value");
                    self.report(Diagnostic::new(codes::CEL_TYPE, self.parsed.span(node), message).help(listed(entries)))
                }
            },
            Node::Literal(literal) => self.literal(node, literal),
            Node::List(list) => self.list(node, list),
            Node::Call(call) => self.call(node, call),
            Node::Map(_) | Node::Struct(_) | Node::Comprehension(_) | Node::Unspecified => {
                self.wrong(node, "a map or message can't be written here", "compare fields one by one")
            }
        }
    }

    fn place(&mut self, node: &IdedExpr) -> Option<Place<F>> {
        match &node.expr {
            Node::Ident(name) => self.name(node, name),
            Node::Select(select) => self.selection(node, select),
            Node::Call(_)
            | Node::Comprehension(_)
            | Node::List(_)
            | Node::Literal(_)
            | Node::Map(_)
            | Node::Struct(_)
            | Node::Unspecified => self.check(node).map(Place::Value),
        }
    }

    fn name(&mut self, node: &IdedExpr, name: &str) -> Option<Place<F>> {
        if let Some(depth) = self.bound.iter().rposition(|(bound, _)| bound == name) {
            let scalar = self.bound.get(depth).map(|(_, scalar)| *scalar)?;
            return Some(Place::Value(Typed::new(Expr::Variable(depth), Type::Scalar(scalar))));
        }
        if name.trim_start_matches('.') == F::ROOT {
            return Some(Place::Record(F::ROOT.to_owned(), F::TREE));
        }
        let message = format!("nothing is called `{name}` here");
        let help = format!("a condition here is about `{}`: {}", F::ROOT, listed(F::TREE));
        let found = Diagnostic::new(codes::CEL_UNKNOWN_NAME, self.parsed.span(node), message);
        let bound = self.bound.iter().map(|(bound, _)| bound.as_str());
        let names: Vec<&str> = bound.chain([F::ROOT]).collect();
        let found = suggesting(found, name, &names, &help);
        self.report(found)
    }

    fn selection(&mut self, node: &IdedExpr, select: &SelectExpr) -> Option<Place<F>> {
        match self.place(&select.operand)? {
            Place::Record(path, entries) => match entries.iter().find(|entry| entry.name() == select.field) {
                Some(Entry::Record(name, entries)) => Some(Place::Record(format!("{path}.{name}"), entries)),
                Some(Entry::Leaf(_, kind, field)) => Some(Place::Value(Typed::new(Expr::Field(*field), *kind))),
                None => {
                    let message = format!("`{path}` has no field `{}`", select.field);
                    let found = Diagnostic::new(codes::CEL_UNKNOWN_FIELD, self.parsed.name_span(node), message);
                    let names: Vec<&str> = entries.iter().map(Entry::name).collect();
                    self.report(suggesting(found, &select.field, &names, &listed(entries)))
                }
            },
            Place::Value(Typed { expr, kind: Type::Labels }) => {
                if let Expr::Field(field) = expr {
                    let (text, span) = (select.field.clone(), self.parsed.name_span(node));
                    self.mentions.push(Mention { field, text, span });
                }
                let key = Expr::Literal(Value::Text(select.field.clone().into()));
                Some(Place::Value(Typed::new(Expr::Label(Box::new([expr, key])), Type::Scalar(Scalar::Text))))
            }
            Place::Value(typed) => {
                let message = format!("{} has no field `{}`", typed.kind.described(), select.field);
                let span = self.parsed.name_span(node);
                self.report(Diagnostic::new(codes::CEL_UNKNOWN_FIELD, span, message).help("leave the field out"))
            }
        }
    }

    fn literal(&mut self, node: &IdedExpr, literal: &LiteralValue) -> Option<Typed<F>> {
        let (value, scalar) = match literal {
            LiteralValue::Boolean(value) => (Value::Bool(*value.inner()), Scalar::Bool),
            LiteralValue::Int(value) => (Value::Int(*value.inner()), Scalar::Int),
            LiteralValue::String(value) => (Value::Text(value.inner().to_owned().into()), Scalar::Text),
            LiteralValue::Bytes(_) => return self.wrong(node, "nothing here is compared with bytes", "write a string"),
            LiteralValue::Double(_) | LiteralValue::UInt(_) => {
                return self.wrong(
                    node,
                    "nothing here is compared with such a number",
                    "write a whole number without a suffix",
                );
            }
            LiteralValue::Null => return self.wrong(node, "nothing here is ever null", "compare with `\"\"`"),
        };
        Some(Typed::new(Expr::Literal(value), Type::Scalar(scalar)))
    }

    fn list(&mut self, node: &IdedExpr, list: &ListExpr) -> Option<Typed<F>> {
        let typed: Vec<Option<Typed<F>>> = list.elements.iter().map(|element| self.check(element)).collect();
        let mut scalar = None;
        let mut elements = Vec::with_capacity(typed.len());
        for (element, typed) in list.elements.iter().zip(typed) {
            let Typed { expr, kind } = typed?;
            let own = self.element(element, kind)?;
            if *scalar.get_or_insert(own) != own {
                return self.wrong(node, "the elements of this list have different types", "give them one type");
            }
            elements.push(expr);
        }
        Some(Typed::new(Expr::List(elements), Type::List(scalar)))
    }

    /// The type of one element of a list.
    fn element(&mut self, node: &IdedExpr, kind: Type) -> Option<Scalar> {
        match kind {
            Type::Scalar(Scalar::Port) => self.port(node),
            Type::Scalar(scalar) => Some(scalar),
            Type::Labels | Type::List(_) => {
                let message = format!("{} can't be an element of a list", kind.described());
                self.wrong(node, &message, "lists hold strings, numbers, or true and false")
            }
        }
    }

    /// Notes the texts that a field is compared with, and refuses those that it never is.
    fn compared(&mut self, field: &Expr<F>, constant: &IdedExpr) -> Option<()> {
        let Expr::Field(field) = field else { return Some(()) };
        match &constant.expr {
            Node::Literal(LiteralValue::String(text)) => {
                let (text, span) = (text.inner().to_owned(), self.parsed.span(constant));
                let words = field.words();
                if !words.is_empty() && !words.contains(&text.as_str()) {
                    let found = Diagnostic::new(codes::CEL_NEVER, span, format!("this is never `{text}`"));
                    let help = format!("it is one of `{}`", words.join("`, `"));
                    let found = match fleetnet_lang::suggest::nearest(&text, words) {
                        Some(near) => {
                            found.help(format!("did you mean `{near}`?")).suggest(span, format!("\"{near}\""))
                        }
                        None => found.help(help),
                    };
                    return self.report(found);
                }
                self.mentions.push(Mention { field: *field, text, span });
                Some(())
            }
            Node::List(list) => list.elements.iter().try_for_each(|one| self.compared(&Expr::Field(*field), one)),
            Node::Call(_)
            | Node::Comprehension(_)
            | Node::Ident(_)
            | Node::Literal(_)
            | Node::Map(_)
            | Node::Select(_)
            | Node::Struct(_)
            | Node::Unspecified => Some(()),
        }
    }

    /// Checks a part that must be of a type.
    fn expect(&mut self, node: &IdedExpr, wanted: Scalar) -> Option<Expr<F>> {
        let typed = self.check(node)?;
        if typed.kind == Type::Scalar(wanted) {
            return Some(typed.expr);
        }
        if typed.kind == Type::Scalar(Scalar::Port) {
            return self.port(node);
        }
        let wanted = Type::Scalar(wanted).described();
        let message = format!("this must be {wanted}, but it is {}", typed.kind.described());
        self.wrong(node, &message, &format!("compare or convert it so that it is {wanted}"))
    }

    fn operands(&mut self, left: &IdedExpr, right: &IdedExpr, scalar: Scalar) -> Option<[Expr<F>; 2]> {
        let left = self.expect(left, scalar);
        let right = self.expect(right, scalar);
        Some([left?, right?])
    }

    fn port<T>(&mut self, node: &IdedExpr) -> Option<T> {
        let message = "a port can only be compared with constants";
        let help = "write `flow.port == 443`, `flow.port < 1024` or `flow.port in [80, 443]`";
        self.report(Diagnostic::new(codes::CEL_PORT, self.parsed.span(node), message).help(help))
    }

    fn wrong<T>(&mut self, node: &IdedExpr, message: &str, help: &str) -> Option<T> {
        self.report(Diagnostic::new(codes::CEL_TYPE, self.parsed.span(node), message).help(help))
    }

    fn report<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.diagnostics.push(diagnostic);
        None
    }
}

/// Adds the name that was probably meant, or else all there are.
fn suggesting(found: Diagnostic, word: &str, names: &[&str], otherwise: &str) -> Diagnostic {
    let span = found.span;
    match fleetnet_lang::suggest::nearest(word, names) {
        Some(near) => found.help(format!("did you mean `{near}`?")).suggest(span, near),
        None => found.help(otherwise),
    }
}

fn listed<F>(entries: &[Entry<F>]) -> String {
    let names: Vec<String> = entries.iter().map(|entry| format!("`{}`", entry.name())).collect();
    format!("its fields are {}", names.join(", "))
}
