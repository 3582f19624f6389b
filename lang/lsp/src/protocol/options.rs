//! What a client can set: the parameters of packages.

use fleetnet_compiler::compile::ParamValue;
use serde_json::Value;

/// The parameters that options or settings set: `{ "set": { "NAME": VALUE } }` or `{ "set": ["NAME=VALUE"] }`, alone or below `fleetnet`, as
/// clients send all of their settings. Nothing where they don't speak of parameters.
pub fn params(options: &Value) -> Option<Vec<ParamValue>> {
    let set = options.get("fleetnet").unwrap_or(options).get("set")?;
    match set {
        Value::Object(named) => Some(named.iter().filter_map(|(name, value)| param(name, &written(value)?)).collect()),
        Value::Array(listed) => {
            let pairs = listed.iter().filter_map(|pair| pair.as_str()?.split_once('='));
            Some(pairs.filter_map(|(name, value)| param(name, value)).collect())
        }
        Value::Null => Some(Vec::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// `given`, with those of `instead` in place of their namesakes.
pub fn over(given: &[ParamValue], instead: Vec<ParamValue>) -> Vec<ParamValue> {
    let kept = given.iter().filter(|own| instead.iter().all(|other| other.name != own.name));
    let mut params: Vec<ParamValue> = kept.cloned().collect();
    params.extend(instead);
    params
}

fn param(name: &str, value: &str) -> Option<ParamValue> {
    let name = name.trim();
    (!name.is_empty()).then(|| ParamValue { name: name.to_owned(), value: value.to_owned() })
}

/// A value as it would be written in the source.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{over, params};

    #[track_caller]
    fn check(options: &Value, expected: Option<&[(&str, &str)]>) {
        let found = params(options);
        let found = found
            .as_ref()
            .map(|params| params.iter().map(|param| (param.name.as_str(), param.value.as_str())).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{options}");
    }

    #[test]
    fn parameters_are_named_or_listed() {
        check(
            &json!({ "set": { "size": 3, "where": "west", "on": true } }),
            Some(&[("on", "true"), ("size", "3"), ("where", "west")]),
        );
        check(
            &json!({ "fleetnet": { "set": ["size=3", "nothing", "=x", "a=b=c"] } }),
            Some(&[("size", "3"), ("a", "b=c")]),
        );
        check(&json!({ "fleetnet": { "set": null } }), Some(&[]));
        check(&json!({ "set": "size=3" }), None);
        check(&json!({ "fleetnet": {} }), None);
        check(&Value::Null, None);
    }

    #[test]
    fn what_a_client_sets_goes_before_the_command_line() {
        let (given, instead) = (params(&json!({ "set": ["a=1", "b=2"] })), params(&json!({ "set": ["b=3"] })));
        let all = over(&given.unwrap(), instead.unwrap());
        let all: Vec<(&str, &str)> = all.iter().map(|param| (param.name.as_str(), param.value.as_str())).collect();
        assert_eq!(all, [("a", "1"), ("b", "3")]);
    }
}
