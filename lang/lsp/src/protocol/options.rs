//! What a client can set: the parameters of packages.

use fleetnet_compiler::compile::ParamValue;
use serde_json::Value;

/// What options or settings say of parameters: `{ "set": { "NAME": VALUE } }` or `{ "set": ["NAME=VALUE"] }`, alone or below `fleetnet`, as
/// clients send all of their settings.
#[derive(Debug)]
pub struct Said {
    /// What they come to.
    pub set: Set,
    /// What of it is not understood, for people.
    pub refused: Vec<String>,
}

/// What a client's settings make of the parameters.
#[derive(Debug)]
pub enum Set {
    /// These are set, and no others.
    These(Vec<ParamValue>),
    /// The settings are of other things.
    Unsaid,
    /// There are none, as clients send that want to be asked, or they are not understood.
    Unknown,
}

impl Said {
    pub fn of(options: &Value) -> Self {
        let own = options.get("fleetnet");
        let known = |set| Self { set, refused: Vec::new() };
        match own.unwrap_or(options).get("set") {
            Some(Value::Object(named)) => {
                let params = named.iter().filter(|(_, value)| !value.is_null());
                Self::each(params.map(|(name, value)| of_name(name, value)))
            }
            Some(Value::Array(listed)) => Self::each(listed.iter().map(of_list)),
            Some(Value::Null) => known(Set::These(Vec::new())),
            Some(other @ (Value::Bool(_) | Value::Number(_) | Value::String(_))) => {
                let expected = "an object of names and values, or a list of `NAME=VALUE`";
                let refused = format!("`fleetnet.set` has to be {expected}, not {other}");
                Self { set: Set::Unknown, refused: vec![refused] }
            }
            None if own.is_some_and(Value::is_object) => known(Set::These(Vec::new())),
            None if options.is_object() && own.is_none() => known(Set::Unsaid),
            None => known(Set::Unknown),
        }
    }

    fn each(params: impl Iterator<Item = Result<ParamValue, String>>) -> Self {
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        for param in params {
            match param {
                Ok(param) => taken.push(param),
                Err(why) => refused.push(why),
            }
        }
        Self { set: Set::These(taken), refused }
    }
}

/// `given`, with those of `instead` in place of their namesakes.
pub fn over(given: &[ParamValue], instead: Vec<ParamValue>) -> Vec<ParamValue> {
    let kept = given.iter().filter(|own| instead.iter().all(|other| other.name != own.name));
    let mut params: Vec<ParamValue> = kept.cloned().collect();
    params.extend(instead);
    params
}

fn of_name(name: &str, value: &Value) -> Result<ParamValue, String> {
    let expected = "a string, a number, `true` or `false`";
    let refused = || format!("`fleetnet.set`: the value of `{name}` has to be {expected}, not {value}");
    let value = written(value).ok_or_else(refused)?;
    param(name, &value).ok_or_else(|| "`fleetnet.set`: a parameter needs a name".to_owned())
}

fn of_list(pair: &Value) -> Result<ParamValue, String> {
    let split = pair.as_str().and_then(|pair| pair.split_once('='));
    let read = split.and_then(|(name, value)| param(name, value));
    read.ok_or_else(|| format!("`fleetnet.set`: each of the list has to be `\"NAME=VALUE\"`, not {pair}"))
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
    use fleetnet_compiler::compile::ParamValue;
    use serde_json::{Value, json};

    use super::{Said, Set, over};

    #[track_caller]
    fn check(options: &Value, expected: &[(&str, &str)], refused: &[&str]) {
        let said = Said::of(options);
        let Set::These(params) = &said.set else { panic!("{options}: {said:?}") };
        let found: Vec<(&str, &str)> = params.iter().map(|param| (param.name.as_str(), param.value.as_str())).collect();
        assert_eq!(found, expected, "{options}");
        assert_eq!(said.refused, refused, "{options}");
    }

    #[test]
    fn parameters_are_named_or_listed() {
        check(
            &json!({ "set": { "size": 3, "where": "west", "on": true, "off": null } }),
            &[("on", "true"), ("size", "3"), ("where", "west")],
            &[],
        );
        check(&json!({ "fleetnet": { "set": ["size=3", "a=b=c"] } }), &[("size", "3"), ("a", "b=c")], &[]);
        check(&json!({ "fleetnet": { "set": null } }), &[], &[]);
        // They are all of the client's settings, and none sets a parameter.
        check(&json!({ "fleetnet": { "path": "/x" } }), &[], &[]);
        // The settings of others, and none.
        assert!(matches!(Said::of(&json!({})).set, Set::Unsaid));
        assert!(matches!(Said::of(&Value::Null).set, Set::Unknown));
        assert!(matches!(Said::of(&json!({ "fleetnet": null })).set, Set::Unknown));
    }

    #[test]
    fn what_is_not_understood_is_named_and_the_rest_taken() {
        let Said { set, refused } = Said::of(&json!({ "set": "size=3" }));
        assert!(matches!(set, Set::Unknown));
        let expected = "an object of names and values, or a list of `NAME=VALUE`";
        assert_eq!(refused, [format!("`fleetnet.set` has to be {expected}, not \"size=3\"")]);
        check(
            &json!({ "set": { "a": 1, "b": [2], " ": 3 } }),
            &[("a", "1")],
            &[
                "`fleetnet.set`: a parameter needs a name",
                "`fleetnet.set`: the value of `b` has to be a string, a number, `true` or `false`, not [2]",
            ],
        );
        let listed = |found: &str| format!("`fleetnet.set`: each of the list has to be `\"NAME=VALUE\"`, not {found}");
        check(
            &json!({ "set": ["nothing", "=x", 5, "a=1"] }),
            &[("a", "1")],
            &[&listed("\"nothing\""), &listed("\"=x\""), &listed("5")],
        );
    }

    #[test]
    fn what_a_client_sets_goes_before_the_command_line() {
        let param = |name: &str, value: &str| ParamValue { name: name.to_owned(), value: value.to_owned() };
        let all = over(&[param("a", "1"), param("b", "2")], vec![param("b", "3")]);
        let all: Vec<(&str, &str)> = all.iter().map(|param| (param.name.as_str(), param.value.as_str())).collect();
        assert_eq!(all, [("a", "1"), ("b", "3")]);
    }
}
