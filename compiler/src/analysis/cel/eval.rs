//! Evaluation. Total: whatever the type checker lets through has a value.

use std::borrow::Cow;

use super::expr::{Binary, Each, EachKind, Expr};
use super::schema::{Record, Value};

/// The value of an expression without free variables.
pub(super) fn evaluate<'r, F: Copy>(expr: &Expr<F>, record: &'r impl Record<F>) -> Value<'r> {
    Scope { record, bound: Vec::new() }.value(expr)
}

struct Scope<'r, R> {
    record: &'r R,
    /// Values of the variables of the macros around, outermost first.
    bound: Vec<Value<'r>>,
}

impl<'r, R> Scope<'r, R> {
    fn value<F: Copy>(&mut self, expr: &Expr<F>) -> Value<'r>
    where
        R: Record<F>,
    {
        match expr {
            Expr::Literal(value) => value.clone(),
            Expr::Field(field) => self.record.value(*field),
            Expr::Variable(depth) => self.bound.get(*depth).cloned().unwrap_or(Value::Bool(false)),
            Expr::Label(operands) => Value::Text(self.label(operands).unwrap_or_default()),
            Expr::HasLabel(operands) => Value::Bool(self.label(operands).is_some()),
            Expr::Not(operand) => Value::Bool(!self.holds(operand)),
            Expr::Binary(operator, operands) => self.binary(*operator, operands),
            Expr::If(operands) => {
                let [condition, then, otherwise] = &**operands;
                if self.holds(condition) { self.value(then) } else { self.value(otherwise) }
            }
            Expr::Size(operand) => Value::Int(size(&self.value(operand))),
            Expr::List(elements) => Value::List(elements.iter().map(|element| self.value(element)).collect()),
            Expr::Each(each) => self.each(each),
        }
    }

    fn holds<F: Copy>(&mut self, expr: &Expr<F>) -> bool
    where
        R: Record<F>,
    {
        self.value(expr) == Value::Bool(true)
    }

    fn label<F: Copy>(&mut self, [labels, key]: &[Expr<F>; 2]) -> Option<Cow<'r, str>>
    where
        R: Record<F>,
    {
        let Value::Labels(labels) = self.value(labels) else { return None };
        let Value::Text(key) = self.value(key) else { return None };
        match labels {
            Cow::Borrowed(labels) => labels.get(&*key).map(|label| Cow::Borrowed(label.as_str())),
            Cow::Owned(labels) => labels.get(&*key).map(|label| Cow::Owned(label.to_string())),
        }
    }

    fn binary<F: Copy>(&mut self, operator: Binary, [left, right]: &[Expr<F>; 2]) -> Value<'r>
    where
        R: Record<F>,
    {
        match operator {
            Binary::And => return Value::Bool(self.holds(left) && self.holds(right)),
            Binary::Or => return Value::Bool(self.holds(left) || self.holds(right)),
            Binary::Equal
            | Binary::NotEqual
            | Binary::Less
            | Binary::LessOrEqual
            | Binary::Greater
            | Binary::GreaterOrEqual
            | Binary::In
            | Binary::StartsWith
            | Binary::EndsWith
            | Binary::Contains
            | Binary::Concat
            | Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::Remainder => {}
        }
        apply(operator, self.value(left), &self.value(right))
    }

    fn each<F: Copy>(&mut self, each: &Each<F>) -> Value<'r>
    where
        R: Record<F>,
    {
        let elements = elements(self.value(&each.range));
        match each.kind {
            EachKind::All => Value::Bool(elements.into_iter().all(|element| self.with(each, element).0)),
            EachKind::Exists => Value::Bool(elements.into_iter().any(|element| self.with(each, element).0)),
            EachKind::ExistsOne => {
                Value::Bool(elements.into_iter().filter(|element| self.with(each, element.clone()).0).count() == 1)
            }
            EachKind::Filter => {
                Value::List(elements.into_iter().filter(|element| self.with(each, element.clone()).0).collect())
            }
            EachKind::Map => Value::List(elements.into_iter().map(|element| self.with(each, element).1).collect()),
        }
    }

    /// The body's value for one element, and whether it is true.
    fn with<F: Copy>(&mut self, each: &Each<F>, element: Value<'r>) -> (bool, Value<'r>)
    where
        R: Record<F>,
    {
        self.bound.truncate(each.depth);
        self.bound.push(element);
        let value = self.value(&each.body);
        self.bound.truncate(each.depth);
        (value == Value::Bool(true), value)
    }
}

fn apply<'r>(operator: Binary, left: Value<'r>, right: &Value<'r>) -> Value<'r> {
    match operator {
        Binary::And => Value::Bool(left == Value::Bool(true) && *right == Value::Bool(true)),
        Binary::Or => Value::Bool(left == Value::Bool(true) || *right == Value::Bool(true)),
        Binary::Equal => Value::Bool(left == *right),
        Binary::NotEqual => Value::Bool(left != *right),
        Binary::Less => Value::Bool(left < *right),
        Binary::LessOrEqual => Value::Bool(left <= *right),
        Binary::Greater => Value::Bool(left > *right),
        Binary::GreaterOrEqual => Value::Bool(left >= *right),
        Binary::In => Value::Bool(matches!(right, Value::List(elements) if elements.contains(&left))),
        Binary::StartsWith => text_test(&left, right, |text, part| text.starts_with(part)),
        Binary::EndsWith => text_test(&left, right, |text, part| text.ends_with(part)),
        Binary::Contains => text_test(&left, right, |text, part| text.contains(part)),
        Binary::Concat => match (left, right) {
            (Value::Text(left), Value::Text(right)) => Value::Text(Cow::Owned(format!("{left}{right}"))),
            (left, _) => left,
        },
        Binary::Add => numbers(&left, right, i64::saturating_add),
        Binary::Subtract => numbers(&left, right, i64::saturating_sub),
        Binary::Multiply => numbers(&left, right, i64::saturating_mul),
        Binary::Divide => numbers(&left, right, |left, right| left.checked_div(right).unwrap_or(i64::MAX)),
        Binary::Remainder => numbers(&left, right, |left, right| left.checked_rem(right).unwrap_or(0)),
    }
}

fn text_test<'r>(left: &Value<'_>, right: &Value<'_>, holds: impl Fn(&str, &str) -> bool) -> Value<'r> {
    Value::Bool(matches!((left, right), (Value::Text(text), Value::Text(part)) if holds(text, part)))
}

fn numbers<'r>(left: &Value<'_>, right: &Value<'_>, combine: impl Fn(i64, i64) -> i64) -> Value<'r> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Value::Int(combine(*left, *right)),
        (_, _) => Value::Int(0),
    }
}

fn elements(value: Value<'_>) -> Vec<Value<'_>> {
    match value {
        Value::List(elements) => elements,
        Value::Labels(Cow::Borrowed(labels)) => labels.keys().map(|key| Value::text(key.as_str())).collect(),
        Value::Labels(Cow::Owned(labels)) => labels.keys().map(|key| Value::Text(key.to_string().into())).collect(),
        Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Version(_) => Vec::new(),
    }
}

fn size(value: &Value<'_>) -> i64 {
    let count = match value {
        Value::Text(text) => text.chars().count(),
        Value::List(elements) => elements.len(),
        Value::Labels(labels) => labels.len(),
        Value::Bool(_) | Value::Int(_) | Value::Version(_) => 0,
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}
