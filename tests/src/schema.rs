//! Published schemas, and what is really printed, judged by them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

use std::path::PathBuf;

use serde_json::Value;

/// Where the schemas are published.
pub fn folder() -> PathBuf {
    crate::root().join("docs/schemas")
}

/// A published schema.
pub fn published(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()).unwrap()
}

/// Fails the test unless a document is as its schema says.
#[track_caller]
pub fn judge(name: &str, text: &str) {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    let validator = jsonschema::validator_for(&published(name)).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{value:#}");
}
