//! Operators: which types they take.

use super::{Binary, CallExpr, Checker, Expr, Field, IdedExpr, Scalar, Type, Typed, Value, codes, operators};
use crate::model::Version;
use fleetnet_lang::Diagnostic;

impl<F: Field> Checker<'_, F> {
    /// Checks a call that was written as an operator.
    pub(super) fn operator(&mut self, node: &IdedExpr, call: &CallExpr) -> Option<Typed<F>> {
        match (call.func_name.as_str(), &*call.args) {
            (operators::LOGICAL_AND, [left, right]) => self.logical(Binary::And, left, right),
            (operators::LOGICAL_OR, [left, right]) => self.logical(Binary::Or, left, right),
            (operators::LOGICAL_NOT, [operand]) => {
                let operand = self.expect(operand, Scalar::Bool)?;
                Some(Typed::bool(Expr::Not(Box::new(operand))))
            }
            (operators::EQUALS, [left, right]) => self.comparison(node, Binary::Equal, left, right),
            (operators::NOT_EQUALS, [left, right]) => self.comparison(node, Binary::NotEqual, left, right),
            (operators::LESS, [left, right]) => self.comparison(node, Binary::Less, left, right),
            (operators::LESS_EQUALS, [left, right]) => self.comparison(node, Binary::LessOrEqual, left, right),
            (operators::GREATER, [left, right]) => self.comparison(node, Binary::Greater, left, right),
            (operators::GREATER_EQUALS, [left, right]) => self.comparison(node, Binary::GreaterOrEqual, left, right),
            (operators::IN, [element, list]) => self.membership(node, element, list),
            (operators::INDEX, [labels, key]) => self.index(node, labels, key),
            (operators::CONDITIONAL, [condition, then, otherwise]) => self.choice(node, condition, then, otherwise),
            (operators::NEGATE, [operand]) => self.negation(operand),
            (operators::ADD, [left, right]) => self.addition(left, right),
            (operators::SUBSTRACT, [left, right]) => self.arithmetic(Binary::Subtract, left, right),
            (operators::MULTIPLY, [left, right]) => self.arithmetic(Binary::Multiply, left, right),
            (operators::DIVIDE, [left, right]) => self.division(Binary::Divide, left, right),
            (operators::MODULO, [left, right]) => self.division(Binary::Remainder, left, right),
            (_, _) => self.wrong(node, "this operator can't be used here", "compare fields with constants"),
        }
    }

    fn logical(&mut self, operator: Binary, left: &IdedExpr, right: &IdedExpr) -> Option<Typed<F>> {
        let operands = self.operands(left, right, Scalar::Bool)?;
        Some(Typed::bool(Expr::Binary(operator, Box::new(operands))))
    }

    fn comparison(&mut self, node: &IdedExpr, operator: Binary, left: &IdedExpr, right: &IdedExpr) -> Option<Typed<F>> {
        let (typed_left, typed_right) = (self.check(left), self.check(right));
        let (mut a, mut b) = (typed_left?, typed_right?);
        self.coerce(left, &mut a, b.kind)?;
        self.coerce(right, &mut b, a.kind)?;
        self.compared(&a.expr, right)?;
        self.compared(&b.expr, left)?;
        let port = Type::Scalar(Scalar::Port);
        match (a.kind == port, b.kind == port) {
            (true, false) => self.constant(right, &b.expr)?,
            (false, true) => self.constant(left, &a.expr)?,
            (true, true) => return self.port(node),
            (false, false) => self.comparable(node, operator, a.kind, b.kind)?,
        }
        Some(Typed::bool(Expr::Binary(operator, Box::new([a.expr, b.expr]))))
    }

    fn comparable(&mut self, node: &IdedExpr, operator: Binary, left: Type, right: Type) -> Option<()> {
        let equality = matches!(operator, Binary::Equal | Binary::NotEqual);
        let lists = matches!((left, right), (Type::List(a), Type::List(b)) if a == b || a.is_none() || b.is_none());
        let ordered = matches!(left, Type::Scalar(Scalar::Int | Scalar::Text | Scalar::Version));
        if (left == right || lists) && (equality || ordered) {
            return Some(());
        }
        let (left, right) = (left.described(), right.described());
        let message = if equality {
            format!("{left} is never equal to {right}")
        } else {
            format!("{left} and {right} have no order")
        };
        self.wrong(node, &message, "compare values of one type")
    }

    fn membership(&mut self, node: &IdedExpr, element: &IdedExpr, list: &IdedExpr) -> Option<Typed<F>> {
        let (typed_element, typed_list) = (self.check(element), self.check(list));
        let (mut a, mut b) = (typed_element?, typed_list?);
        self.compared(&a.expr, list)?;
        self.compared(&b.expr, element)?;
        match (a.kind, b.kind) {
            (Type::Scalar(Scalar::Text), Type::Labels) => {
                return Some(Typed::bool(Expr::HasLabel(Box::new([b.expr, a.expr]))));
            }
            (Type::Scalar(Scalar::Port), _) => match &b.expr {
                Expr::List(elements) => elements.iter().try_for_each(|value| self.constant(list, value))?,
                Expr::Literal(_)
                | Expr::Field(_)
                | Expr::Variable(_)
                | Expr::Label(_)
                | Expr::HasLabel(_)
                | Expr::Not(_)
                | Expr::Binary(..)
                | Expr::If(_)
                | Expr::Size(_)
                | Expr::Each(_) => return self.port(node),
            },
            (Type::Scalar(_), Type::List(listed)) => {
                self.coerce(list, &mut b, a.kind)?;
                if let Some(scalar) = listed {
                    self.coerce(element, &mut a, Type::Scalar(scalar))?;
                }
                if !matches!(b.kind, Type::List(None)) && b.kind != list_of(a.kind) {
                    let message = format!("{} holds no {}", b.kind.described(), a.kind.described());
                    return self.wrong(node, &message, "look for values of the list's type");
                }
            }
            (Type::Scalar(_) | Type::Labels | Type::List(_), _) => {
                let message = format!("{} can't be looked for in {}", a.kind.described(), b.kind.described());
                return self.wrong(node, &message, "`in` takes a value and a list, or a key and labels");
            }
        }
        Some(Typed::bool(Expr::Binary(Binary::In, Box::new([a.expr, b.expr]))))
    }

    fn index(&mut self, node: &IdedExpr, labels: &IdedExpr, key: &IdedExpr) -> Option<Typed<F>> {
        let typed = self.check(labels);
        let written = key;
        let key = self.expect(key, Scalar::Text);
        let (typed, key) = (typed?, key?);
        self.compared(&typed.expr, written)?;
        if typed.kind != Type::Labels {
            let message = format!("{} has no keys", typed.kind.described());
            return self.wrong(node, &message, "only labels are read by key; ask lists with `in` or `exists`");
        }
        Some(Typed::new(Expr::Label(Box::new([typed.expr, key])), Type::Scalar(Scalar::Text)))
    }

    fn choice(
        &mut self,
        node: &IdedExpr,
        condition: &IdedExpr,
        then: &IdedExpr,
        otherwise: &IdedExpr,
    ) -> Option<Typed<F>> {
        let condition = self.expect(condition, Scalar::Bool);
        let (a, b) = (self.check(then), self.check(otherwise));
        let (condition, a, b) = (condition?, a?, b?);
        if a.kind != b.kind {
            let message = format!("one branch is {}, the other {}", a.kind.described(), b.kind.described());
            return self.wrong(node, &message, "give both branches one type");
        }
        Some(Typed::new(Expr::If(Box::new([condition, a.expr, b.expr])), a.kind))
    }

    fn negation(&mut self, operand: &IdedExpr) -> Option<Typed<F>> {
        let operand = self.expect(operand, Scalar::Int)?;
        let expr = match operand {
            Expr::Literal(Value::Int(value)) => Expr::Literal(Value::Int(value.saturating_neg())),
            other => Expr::Binary(Binary::Subtract, Box::new([Expr::Literal(Value::Int(0)), other])),
        };
        Some(Typed::new(expr, Type::Scalar(Scalar::Int)))
    }

    fn addition(&mut self, left: &IdedExpr, right: &IdedExpr) -> Option<Typed<F>> {
        let (operator, scalar, left) = match self.check(left)? {
            Typed { expr, kind: Type::Scalar(Scalar::Text) } => (Binary::Concat, Scalar::Text, expr),
            Typed { expr, kind: Type::Scalar(Scalar::Int) } => (Binary::Add, Scalar::Int, expr),
            Typed { kind: Type::Scalar(Scalar::Port), .. } => return self.port(left),
            Typed { kind, .. } => {
                let message = format!("{} can't be added to", kind.described());
                return self.wrong(left, &message, "`+` adds numbers and joins strings");
            }
        };
        let right = self.expect(right, scalar)?;
        Some(Typed::new(Expr::Binary(operator, Box::new([left, right])), Type::Scalar(scalar)))
    }

    fn arithmetic(&mut self, operator: Binary, left: &IdedExpr, right: &IdedExpr) -> Option<Typed<F>> {
        let operands = self.operands(left, right, Scalar::Int)?;
        Some(Typed::new(Expr::Binary(operator, Box::new(operands)), Type::Scalar(Scalar::Int)))
    }

    fn division(&mut self, operator: Binary, left: &IdedExpr, right: &IdedExpr) -> Option<Typed<F>> {
        let operands = self.operands(left, right, Scalar::Int)?;
        let [_, divisor] = &operands;
        if !matches!(divisor, Expr::Literal(Value::Int(value)) if *value != 0) {
            return self.wrong(right, "a number can only be divided by a constant other than 0", "write a constant");
        }
        Some(Typed::new(Expr::Binary(operator, Box::new(operands)), Type::Scalar(Scalar::Int)))
    }

    /// Notes a constant that a port is compared with.
    fn constant(&mut self, node: &IdedExpr, expr: &Expr<F>) -> Option<()> {
        if let Expr::Literal(Value::Int(value)) = expr {
            self.ports.push(*value);
            return Some(());
        }
        self.port(node)
    }

    /// Reads constant text as a version where it meets one.
    fn coerce(&mut self, node: &IdedExpr, typed: &mut Typed<F>, other: Type) -> Option<()> {
        if !matches!(other, Type::Scalar(Scalar::Version) | Type::List(Some(Scalar::Version))) {
            return Some(());
        }
        let (constants, kind) = match (&mut typed.expr, typed.kind) {
            (Expr::Literal(value), Type::Scalar(Scalar::Text)) => (vec![value], Type::Scalar(Scalar::Version)),
            (Expr::List(elements), Type::List(Some(Scalar::Text))) => {
                let literals = elements.iter_mut().map(|element| match element {
                    Expr::Literal(value) => Some(value),
                    Expr::Field(_)
                    | Expr::Variable(_)
                    | Expr::Label(_)
                    | Expr::HasLabel(_)
                    | Expr::Not(_)
                    | Expr::Binary(..)
                    | Expr::If(_)
                    | Expr::Size(_)
                    | Expr::List(_)
                    | Expr::Each(_) => None,
                });
                let Some(literals) = literals.collect::<Option<Vec<_>>>() else { return Some(()) };
                (literals, Type::List(Some(Scalar::Version)))
            }
            (_, _) => return Some(()),
        };
        for constant in constants {
            let Value::Text(text) = &*constant else { continue };
            // `""` stands for no version.
            let read = if text.is_empty() { Some(None) } else { version(text).map(Some) };
            let Some(version) = read else {
                let message = format!("`{text}` is no version");
                let diagnostic = Diagnostic::new(codes::CEL_TYPE, self.parsed.span(node), message);
                return self.report(diagnostic.help("write a version as in `\"1.18.0\"`"));
            };
            *constant = Value::Version(version);
        }
        typed.kind = kind;
        Some(())
    }
}

fn list_of(kind: Type) -> Type {
    match kind {
        Type::Scalar(scalar) => Type::List(Some(scalar)),
        Type::Labels | Type::List(_) => kind,
    }
}

/// Missing parts are 0; as in a version anywhere, no part has a zero in front.
fn version(text: &str) -> Option<Version> {
    let is_plain =
        |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit()) && (*part == "0" || !part.starts_with('0'));
    let mut parts = text.split('.').map(|part| Some(part).filter(is_plain)?.parse::<u16>().ok());
    let major = parts.next()??;
    let mut next = || parts.next().map_or(Some(0), |part| part);
    let (minor, patch) = (next()?, next()?);
    parts.next().is_none().then_some(Version { major, minor, patch })
}
