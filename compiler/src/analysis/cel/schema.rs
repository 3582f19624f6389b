//! What an expression may be about: the types of values, and trees of named fields.

use std::borrow::Cow;

use crate::model::{Labels, Version};

/// The leaf fields of one kind of record.
pub trait Field: Copy + Eq + std::fmt::Debug + 'static {
    /// The name by which expressions speak of the record.
    const ROOT: &'static str;
    /// Its fields.
    const TREE: &'static [Entry<Self>];

    /// All words that a field can be, where they are few; nothing where it can be any.
    fn words(self) -> &'static [&'static str];
}

/// A named field.
#[derive(Debug)]
pub enum Entry<F: 'static> {
    /// One with fields of its own.
    Record(&'static str, &'static [Entry<F>]),
    /// One with a value.
    Leaf(&'static str, Type, F),
}

impl<F> Entry<F> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Record(name, _) | Self::Leaf(name, _, _) => name,
        }
    }
}

/// A value for every field.
pub trait Record<F> {
    /// The value of a field; always of the type that the field's [`Entry`] says.
    fn value(&self, field: F) -> Value<'_>;
}

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// One value.
    Scalar(Scalar),
    /// Text by text; what isn't there reads as `""`.
    Labels,
    /// Any number of values, or nothing but `[]`.
    List(Option<Scalar>),
}

/// The type of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// True or false.
    Bool,
    /// A number of 64 bits.
    Int,
    /// A port: a number that is compared with constants only, so that finitely many ports stand for all.
    Port,
    /// Text.
    Text,
    /// A released version; written as text in expressions, ordered by its numbers.
    Version,
}

impl Type {
    /// As it is called in messages.
    #[must_use]
    pub fn described(self) -> &'static str {
        match self {
            Self::Scalar(Scalar::Bool) => "true or false",
            Self::Scalar(Scalar::Int) => "a number",
            Self::Scalar(Scalar::Port) => "a port",
            Self::Scalar(Scalar::Text) => "a string",
            Self::Scalar(Scalar::Version) => "a version",
            Self::Labels => "a map of labels",
            Self::List(None) => "an empty list",
            Self::List(Some(Scalar::Bool)) => "a list of true and false",
            Self::List(Some(Scalar::Int)) => "a list of numbers",
            Self::List(Some(Scalar::Port)) => "a list of ports",
            Self::List(Some(Scalar::Text)) => "a list of strings",
            Self::List(Some(Scalar::Version)) => "a list of versions",
        }
    }
}

/// A value. Those of one type are ordered; what is compared is always of one type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'a> {
    /// Of [`Scalar::Bool`].
    Bool(bool),
    /// Of [`Scalar::Int`] and [`Scalar::Port`].
    Int(i64),
    /// Of [`Scalar::Text`].
    Text(Cow<'a, str>),
    /// Of [`Scalar::Version`]; nothing where none is declared, which is below every version and equals `""`.
    Version(Option<Version>),
    /// Of [`Type::Labels`].
    Labels(Cow<'a, Labels>),
    /// Of [`Type::List`].
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// Text that is borrowed.
    #[must_use]
    pub fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// The same value, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Version(version) => Value::Version(version),
            Self::Labels(labels) => Value::Labels(Cow::Owned(labels.into_owned())),
            Self::List(elements) => Value::List(elements.into_iter().map(Value::into_owned).collect()),
        }
    }
}
