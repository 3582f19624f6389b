//! CEL conditions: compiled against the fields of what they are about, then evaluated without a way to fail.
//!
//! The `cel` crate parses; typing and evaluation are our own, because it has no type checker and its interpreter can fail at run time. A
//! program that [`compile`] accepts has a value for every record, so nobody is ever shown a run-time error, and the expression stays a
//! tree that the prover can take apart (see [`Program::traits`]). Macros are not expanded by the parser, so that every error has the place
//! of what was written.
//!
//! Two liberties: a label that isn't there reads as `""`, and arithmetic stops at the ends of the number range instead of failing there.

mod check;
mod eval;
mod expr;
mod lexer;
mod parse;
mod records;
mod schema;
mod traits;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::proof as codes;
use expr::Expr;

pub use records::{ClusterField, ClusterRecord, EndField, EndKind, EndRecord, FlowField, FlowRecord};
pub use schema::{Entry, Field, Record, Scalar, Type, Value};
pub use traits::Side;

/// A condition that has a value for every record of its fields.
#[derive(Clone, Debug)]
pub struct Program<F> {
    root: Expr<F>,
    ports: Vec<i64>,
    mentions: Vec<Mention<F>>,
}

/// A text that a field is compared with, or a key that is read of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention<F> {
    /// The field.
    pub field: F,
    /// The text.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

impl<F: Field> Program<F> {
    /// Whether the condition holds of a record.
    #[must_use]
    pub fn holds(&self, record: &impl Record<F>) -> bool {
        eval::evaluate(&self.root, record) == Value::Bool(true)
    }

    /// The constants that ports are compared with, in order: from one to the next, no port can be told from another but by equality.
    #[must_use]
    pub fn ports(&self) -> &[i64] {
        &self.ports
    }

    /// The texts that fields are compared with, in order of their places.
    #[must_use]
    pub fn mentions(&self) -> &[Mention<F>] {
        &self.mentions
    }

    /// The texts that the condition is written with.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        expr::visit(&self.root, &mut |expr| {
            if let Expr::Literal(Value::Text(text)) = expr {
                texts.push(&**text);
            }
        });
        texts
    }
}

impl Program<FlowField> {
    /// Whether a field of either end is read.
    #[must_use]
    pub fn reads(&self, field: EndField) -> bool {
        let mut found = false;
        expr::visit(&self.root, &mut |expr| {
            let Expr::Field(FlowField::Source(read) | FlowField::Destination(read)) = expr else { return };
            found |= *read == field;
        });
        found
    }
}

/// Compiles the text of a condition. `base` is where the text stands: that of the text between the backticks.
pub fn compile<F: Field>(text: &str, base: Span) -> Result<Program<F>, Vec<Diagnostic>> {
    let parsed = parse::parse(text, base).map_err(|diagnostic| vec![*diagnostic])?;
    let mut checker = check::Checker::<F>::new(&parsed);
    let typed = checker.check(&parsed.root);
    let (mut ports, mut mentions, mut diagnostics) = checker.finish();
    match typed {
        Some(typed) if diagnostics.is_empty() && typed.kind == Type::Scalar(Scalar::Bool) => {
            ports.sort_unstable();
            ports.dedup();
            mentions.sort_by_key(|mention| mention.span);
            mentions.dedup_by_key(|mention| mention.span);
            return Ok(Program { root: typed.expr, ports, mentions });
        }
        Some(typed) if diagnostics.is_empty() => {
            let message = format!("the condition is {}, not true or false", typed.kind.described());
            let diagnostic = Diagnostic::new(codes::CEL_NOT_BOOLEAN, parsed.span(&parsed.root), message);
            diagnostics.push(diagnostic.help("compare it with something, such as `== \"\"`"));
        }
        Some(_) | None => {}
    }
    Err(diagnostics)
}

#[cfg(test)]
mod tests;
