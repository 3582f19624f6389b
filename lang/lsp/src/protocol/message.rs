//! Messages of JSON-RPC, and how a request can fail.

use serde::Serialize;
use serde_json::Value;

/// One message, in either direction.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Wants an answer.
    Request {
        /// What the answer names.
        id: Value,
        /// What is wanted.
        method: String,
        /// Of what.
        params: Value,
    },
    /// The answer to a request.
    Response {
        /// The request.
        id: Value,
        /// What came of it.
        result: Result<Value, Failure>,
    },
    /// Wants no answer.
    Notification {
        /// What happened.
        method: String,
        /// To what.
        params: Value,
    },
}

impl Message {
    /// A notification with its parameters.
    pub(super) fn notification(method: &str, params: impl Serialize) -> Self {
        Self::Notification { method: method.to_owned(), params: json(params) }
    }
}

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which kind of failure.
    pub code: FailureCode,
    /// For people.
    pub message: String,
}

/// The kinds of failure that the protocol numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCode {
    /// The request is not to be made now.
    InvalidRequest = -32600,
    /// There is no such request.
    MethodNotFound = -32601,
    /// The parameters are none of this request.
    InvalidParams = -32602,
    /// Nothing is answered before `initialize`.
    NotInitialized = -32002,
    /// The request is right, and can't be fulfilled.
    RequestFailed = -32803,
}

impl Failure {
    pub(super) fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// A value as JSON. The protocol's types all have a JSON form.
pub(super) fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
