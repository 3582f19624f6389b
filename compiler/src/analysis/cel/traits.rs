//! What a condition can tell about one end of a flow.
//!
//! The largest parts of an expression that read nothing but one end are its *traits* of that end. Two ends with equal traits are the same to
//! the condition whatever the other end, port and protocol are, so a prover needs only one of them.

use super::expr::{Expr, children};
use super::records::{EndRecord, FlowField, FlowRecord};
use super::schema::Value;
use super::{Program, eval};
use crate::model::Protocol;

/// An end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The source.
    Source,
    /// The destination.
    Destination,
}

impl Program<FlowField> {
    /// The traits of an end on one side of a flow.
    #[must_use]
    pub fn traits<'e>(&self, side: Side, end: &'e EndRecord) -> Vec<Value<'e>> {
        let mut parts = Vec::new();
        collect(&self.root, side, &mut parts);
        // A part reads this side only, so what stands on the other one does not matter.
        let record = FlowRecord { source: end, destination: end, port: 0, protocol: Protocol::IcmpV4, known: false };
        parts.into_iter().map(|part| eval::evaluate(part, &record).into_owned()).collect()
    }
}

/// The largest parts that read one side and nothing else.
fn collect<'p>(expr: &'p Expr<FlowField>, side: Side, parts: &mut Vec<&'p Expr<FlowField>>) {
    let reads = Reads::of(expr);
    let (own, other) = match side {
        Side::Source => (reads.source, reads.destination),
        Side::Destination => (reads.destination, reads.source),
    };
    if !own {
        return;
    }
    if !other && !reads.flow && reads.variables == 0 {
        parts.push(expr);
        return;
    }
    children(expr).for_each(|child| collect(child, side, parts));
}

/// What the value of an expression depends on.
#[derive(Clone, Copy, Default)]
struct Reads {
    source: bool,
    destination: bool,
    /// Port, protocol, or whether it is known.
    flow: bool,
    /// Variables of macros around the expression, a bit for each depth.
    variables: u64,
}

impl Reads {
    fn of(expr: &Expr<FlowField>) -> Self {
        let none = Self::default();
        let own = match expr {
            Expr::Field(FlowField::Source(_)) => Self { source: true, ..none },
            Expr::Field(FlowField::Destination(_)) => Self { destination: true, ..none },
            Expr::Field(FlowField::Port | FlowField::Protocol | FlowField::Known) => Self { flow: true, ..none },
            Expr::Variable(depth) => Self { variables: bit(*depth), ..none },
            Expr::Each(each) => {
                let body = Self::of(&each.body);
                return Self { variables: body.variables & !bit(each.depth), ..body }.and(Self::of(&each.range));
            }
            Expr::Literal(_)
            | Expr::Label(_)
            | Expr::HasLabel(_)
            | Expr::Not(_)
            | Expr::Binary(..)
            | Expr::If(_)
            | Expr::Size(_)
            | Expr::List(_) => none,
        };
        children(expr).map(Self::of).fold(own, Self::and)
    }

    fn and(self, other: Self) -> Self {
        Self {
            source: self.source || other.source,
            destination: self.destination || other.destination,
            flow: self.flow || other.flow,
            variables: self.variables | other.variables,
        }
    }
}

/// Depths stay far below 64: each takes a bracket, and brackets are counted before anything is parsed.
fn bit(depth: usize) -> u64 {
    u32::try_from(depth).ok().and_then(|depth| 1_u64.checked_shl(depth)).unwrap_or(0)
}
