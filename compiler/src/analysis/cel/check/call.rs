//! Functions and macros.

use super::{
    Binary, CallExpr, Checker, Expr, Field, IdedExpr, Node, Place, Scalar, Type, Typed, Value, codes, suggesting,
};
use crate::analysis::cel::expr::{Each, EachKind};
use crate::analysis::cel::parse::is_function;
use fleetnet_lang::Diagnostic;

impl<F: Field> Checker<'_, F> {
    /// Checks an operator, a function or a macro.
    pub(super) fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Option<Typed<F>> {
        if !is_function(&call.func_name) {
            return self.operator(node, call);
        }
        match (call.func_name.as_str(), call.target.as_deref(), &*call.args) {
            ("startsWith", Some(text), [part]) => self.text_test(Binary::StartsWith, text, part),
            ("endsWith", Some(text), [part]) => self.text_test(Binary::EndsWith, text, part),
            ("contains", Some(text), [part]) => self.text_test(Binary::Contains, text, part),
            ("size", Some(operand), []) | ("size", None, [operand]) => self.size(operand),
            ("has", None, [operand]) => self.has(operand),
            ("all", Some(range), [variable, body]) => self.each(EachKind::All, range, variable, body),
            ("exists", Some(range), [variable, body]) => self.each(EachKind::Exists, range, variable, body),
            ("exists_one" | "existsOne", Some(range), [variable, body]) => {
                self.each(EachKind::ExistsOne, range, variable, body)
            }
            ("filter", Some(range), [variable, body]) => self.each(EachKind::Filter, range, variable, body),
            ("map", Some(range), [variable, body]) => self.each(EachKind::Map, range, variable, body),
            (name, _, _) => self.unknown_function(node, name),
        }
    }

    fn unknown_function(&mut self, node: &IdedExpr, name: &str) -> Option<Typed<F>> {
        const SHAPES: [(&str, &str); 10] = [
            ("startsWith", "`TEXT.startsWith(TEXT)`"),
            ("endsWith", "`TEXT.endsWith(TEXT)`"),
            ("contains", "`TEXT.contains(TEXT)`"),
            ("size", "`size(TEXT or LIST)`"),
            ("has", "`has(LABELS.KEY)`"),
            ("all", "`LIST.all(NAME, CONDITION)`"),
            ("exists", "`LIST.exists(NAME, CONDITION)`"),
            ("exists_one", "`LIST.exists_one(NAME, CONDITION)`"),
            ("filter", "`LIST.filter(NAME, CONDITION)`"),
            ("map", "`LIST.map(NAME, VALUE)`"),
        ];
        let span = self.parsed.name_span(node);
        if let Some((_, shape)) = SHAPES.iter().find(|(known, _)| *known == name) {
            let diagnostic = Diagnostic::new(codes::CEL_TYPE, span, format!("`{name}` isn't used like this"));
            return self.report(diagnostic.help(format!("write it as {shape}")));
        }
        let found = Diagnostic::new(codes::CEL_UNKNOWN_FUNCTION, span, format!("there is no function `{name}`"));
        if name == "matches" {
            let help = "there are no regular expressions here; use `startsWith`, `endsWith` or `contains`";
            return self.report(found.help(help));
        }
        let names: Vec<&str> = SHAPES.iter().map(|(known, _)| *known).collect();
        let all = format!("the functions are `{}`", names.join("`, `"));
        self.report(suggesting(found, name, &names, &all))
    }

    fn text_test(&mut self, operator: Binary, text: &IdedExpr, part: &IdedExpr) -> Option<Typed<F>> {
        let operands = self.operands(text, part, Scalar::Text)?;
        Some(Typed::bool(Expr::Binary(operator, Box::new(operands))))
    }

    fn size(&mut self, operand: &IdedExpr) -> Option<Typed<F>> {
        let typed = self.check(operand)?;
        match typed.kind {
            Type::Scalar(Scalar::Text) | Type::Labels | Type::List(_) => {
                Some(Typed::new(Expr::Size(Box::new(typed.expr)), Type::Scalar(Scalar::Int)))
            }
            Type::Scalar(Scalar::Port) => self.port(operand),
            Type::Scalar(Scalar::Bool | Scalar::Int | Scalar::Version) => {
                let message = format!("{} has no size", typed.kind.described());
                self.wrong(operand, &message, "ask for the size of a string, a list or labels")
            }
        }
    }

    /// `has` of a label; every field is always there.
    fn has(&mut self, operand: &IdedExpr) -> Option<Typed<F>> {
        let help = "`has` asks for a label, as in `has(X.labels.KEY)`; compare a field with `\"\"`";
        let Node::Select(select) = &operand.expr else {
            return self.wrong(operand, "only a label can be missing", help);
        };
        match self.place(&select.operand)? {
            Place::Value(Typed { expr, kind: Type::Labels }) => {
                let key = Expr::Literal(Value::Text(select.field.clone().into()));
                Some(Typed::bool(Expr::HasLabel(Box::new([expr, key]))))
            }
            Place::Value(_) | Place::Record(..) => self.wrong(operand, "only a label can be missing", help),
        }
    }

    fn each(&mut self, kind: EachKind, range: &IdedExpr, variable: &IdedExpr, body: &IdedExpr) -> Option<Typed<F>> {
        let typed = self.check(range)?;
        let element = match typed.kind {
            Type::Labels => Scalar::Text,
            Type::List(element) => element.unwrap_or(Scalar::Text),
            Type::Scalar(_) => {
                let message = format!("{} has no elements", typed.kind.described());
                return self.wrong(range, &message, "use this on a list, or on labels for their keys");
            }
        };
        let Node::Ident(name) = &variable.expr else {
            return self.wrong(variable, "this must be a name for the element", "write a name, such as `x`");
        };
        let depth = self.bound.len();
        self.bound.push((name.clone(), element));
        let body = self.body(kind, body);
        self.bound.truncate(depth);
        let (body, value) = body?;
        let kind_of = match kind {
            EachKind::All | EachKind::Exists | EachKind::ExistsOne => Type::Scalar(Scalar::Bool),
            EachKind::Filter => Type::List(Some(element)),
            EachKind::Map => Type::List(Some(value)),
        };
        Some(Typed::new(Expr::Each(Box::new(Each { kind, range: typed.expr, depth, body })), kind_of))
    }

    fn body(&mut self, kind: EachKind, body: &IdedExpr) -> Option<(Expr<F>, Scalar)> {
        match kind {
            EachKind::All | EachKind::Exists | EachKind::ExistsOne | EachKind::Filter => {
                Some((self.expect(body, Scalar::Bool)?, Scalar::Bool))
            }
            EachKind::Map => {
                let typed = self.check(body)?;
                let scalar = self.element(body, typed.kind)?;
                Some((typed.expr, scalar))
            }
        }
    }
}
