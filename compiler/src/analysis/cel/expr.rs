//! Expressions that passed the type checker.

use super::schema::Value;

/// A typed expression. Children have the types that the variant needs; [`super::check`] builds nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr<F> {
    /// A constant.
    Literal(Value<'static>),
    /// A field of the record.
    Field(F),
    /// The variable of the macro at this depth, 0 being the outermost.
    Variable(usize),
    /// The label of a key, `""` where there is none.
    Label(Box<[Expr<F>; 2]>),
    /// Whether labels have a key: labels, key.
    HasLabel(Box<[Expr<F>; 2]>),
    /// `!`.
    Not(Box<Expr<F>>),
    /// Two operands.
    Binary(Binary, Box<[Expr<F>; 2]>),
    /// `CONDITION ? A : B`.
    If(Box<[Expr<F>; 3]>),
    /// Number of characters or elements.
    Size(Box<Expr<F>>),
    /// A list of elements.
    List(Vec<Expr<F>>),
    /// A macro over the elements of a list or the keys of labels.
    Each(Box<Each<F>>),
}

/// A macro: `RANGE.MACRO(VARIABLE, BODY)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Each<F> {
    /// Which.
    pub(super) kind: EachKind,
    /// Over what.
    pub(super) range: Expr<F>,
    /// Depth of its variable.
    pub(super) depth: usize,
    /// What is asked of each element, or made of it.
    pub(super) body: Expr<F>,
}

/// The macros over lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EachKind {
    /// Whether the body holds of every element.
    All,
    /// Whether it holds of one at least.
    Exists,
    /// Whether it holds of exactly one.
    ExistsOne,
    /// The elements of which it holds.
    Filter,
    /// What it makes of each.
    Map,
}

/// Operators and functions of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// Element, list.
    In,
    StartsWith,
    EndsWith,
    Contains,
    Concat,
    Add,
    Subtract,
    Multiply,
    /// The right operand is a constant other than 0.
    Divide,
    /// The right operand is a constant other than 0.
    Remainder,
}

/// The parts of an expression.
pub(super) fn children<F>(expr: &Expr<F>) -> Box<dyn Iterator<Item = &Expr<F>> + '_> {
    match expr {
        Expr::Literal(_) | Expr::Field(_) | Expr::Variable(_) => Box::new(std::iter::empty()),
        Expr::Not(operand) | Expr::Size(operand) => Box::new(std::iter::once(&**operand)),
        Expr::Label(operands) | Expr::HasLabel(operands) | Expr::Binary(_, operands) => Box::new(operands.iter()),
        Expr::If(operands) => Box::new(operands.iter()),
        Expr::List(elements) => Box::new(elements.iter()),
        Expr::Each(each) => Box::new([&each.range, &each.body].into_iter()),
    }
}

/// Sees an expression and all its parts.
pub(super) fn visit<'e, F>(expr: &'e Expr<F>, see: &mut impl FnMut(&'e Expr<F>)) {
    see(expr);
    for child in children(expr) {
        visit(child, see);
    }
}
