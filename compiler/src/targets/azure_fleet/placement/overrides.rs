//! One object for the hub and what its copies differ by, from the objects as every member must have them.
//!
//! A member's own name in a value is left to the fleet's variable, so that a name for each member is one rule for all of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::{ClusterId, ClusterSet};

use super::objects::{JsonPatch, MEMBER_VARIABLE};

/// An object for the hub and how members' copies differ from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The object on the hub: that of the first member, less what has its name in it and varies.
    pub template: Value,
    /// What has a member's name in it, on every member.
    pub everywhere: Vec<JsonPatch>,
    /// Groups of members with one difference each, in order of their first member.
    pub differences: Vec<(ClusterSet, Vec<JsonPatch>)>,
}

/// A member's object.
#[derive(Clone, Debug)]
pub struct Copy<'a> {
    /// The member.
    pub cluster: ClusterId,
    /// Its name.
    pub name: &'a str,
    /// The object.
    pub object: Value,
}

/// Merges the copies of one object; nothing, if there is no copy.
#[must_use]
pub fn merge(mut copies: Vec<Copy<'_>>) -> Option<Merged> {
    let varying = varying(&copies);
    for copy in &mut copies {
        for path in &varying {
            if let Some(value) = copy.object.pointer_mut(path) {
                *value = with_variable(std::mem::take(value), copy.name);
            }
        }
    }
    let mut copies = copies.into_iter();
    let mut template = copies.next()?.object;
    let mut differences: Vec<(ClusterSet, Vec<JsonPatch>)> = Vec::new();
    for copy in copies {
        let patches = patches(&template, &copy.object);
        match differences.iter_mut().find(|(_, known)| *known == patches) {
            _ if patches.is_empty() => {}
            Some((clusters, _)) => clusters.insert(copy.cluster),
            None => differences.push((ClusterSet::of(copy.cluster), patches)),
        }
    }
    let everywhere = varying.iter().filter_map(|path| take_variable(&mut template, path)).collect();
    Some(Merged { template, everywhere, differences })
}

/// Where the copies are not all alike.
fn varying(copies: &[Copy<'_>]) -> BTreeSet<String> {
    let Some((first, others)) = copies.split_first() else { return BTreeSet::new() };
    let patches = others.iter().flat_map(|other| patches(&first.object, &other.object));
    patches.map(|patch| patch.path().to_owned()).collect()
}

/// Replaces the member's name at the end of texts, after a hyphen, by the variable. Where it only looks like the name, the fleet puts the same
/// text back.
fn with_variable(value: Value, name: &str) -> Value {
    match value {
        Value::String(text) => match text.strip_suffix(name).filter(|head| head.ends_with('-')) {
            Some(head) => Value::String(format!("{head}{MEMBER_VARIABLE}")),
            None => Value::String(text),
        },
        Value::Array(values) => Value::Array(values.into_iter().map(|value| with_variable(value, name)).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, value)| (key, with_variable(value, name))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn has_variable(value: &Value) -> bool {
    match value {
        Value::String(text) => text.ends_with(MEMBER_VARIABLE),
        Value::Array(values) => values.iter().any(has_variable),
        Value::Object(fields) => fields.values().any(has_variable),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Takes a value with the variable out of the template, to be added again by a patch: on the hub the variable stands for nothing.
fn take_variable(template: &mut Value, path: &str) -> Option<JsonPatch> {
    template.pointer(path).filter(|value| has_variable(value))?;
    let (parent, key) = path.rsplit_once('/')?;
    let fields = template.pointer_mut(parent)?.as_object_mut()?;
    let value = fields.remove(&key.replace("~1", "/").replace("~0", "~"))?;
    Some(JsonPatch::Add { path: path.to_owned(), value })
}

/// What turns one object into another.
fn patches(from: &Value, to: &Value) -> Vec<JsonPatch> {
    let mut patches = Vec::new();
    difference(from, to, &mut Vec::new(), &mut patches);
    patches
}

/// A list is one value, as its elements have no names.
fn difference<'a>(from: &'a Value, to: &'a Value, path: &mut Vec<&'a str>, patches: &mut Vec<JsonPatch>) {
    match (from, to) {
        (Value::Object(from), Value::Object(to)) => fields(from, to, path, patches),
        (from, to) if from == to => {}
        (_, to) => patches.push(JsonPatch::Replace { path: pointer(path), value: to.clone() }),
    }
}

fn fields<'a>(
    from: &'a Map<String, Value>,
    to: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
    patches: &mut Vec<JsonPatch>,
) {
    let keys: BTreeSet<&str> = from.keys().chain(to.keys()).map(String::as_str).collect();
    for key in keys {
        path.push(key);
        match (from.get(key), to.get(key)) {
            (Some(from), Some(to)) => difference(from, to, path, patches),
            (Some(_), None) => patches.push(JsonPatch::Remove { path: pointer(path) }),
            (None, Some(value)) => patches.push(JsonPatch::Add { path: pointer(path), value: value.clone() }),
            (None, None) => {}
        }
        path.pop();
    }
}

/// RFC 6901.
fn pointer(path: &[&str]) -> String {
    path.iter().fold(String::new(), |mut text, key| {
        text.push('/');
        text.push_str(&key.replace('~', "~0").replace('/', "~1"));
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAMES: [&str; 3] = ["east", "north", "west"];

    /// Merges, then does what the fleet does for each member and compares with what it must have.
    #[track_caller]
    fn check(objects: [Value; 3], rules: usize) {
        let copies = (0_u8..).zip(NAMES).zip(objects.clone());
        let copies = copies.map(|((id, name), object)| Copy { cluster: ClusterId(id), name, object }).collect();
        let merged = merge(copies).expect("there are copies");
        for ((id, name), object) in (0_u8..).zip(NAMES).zip(objects) {
            let theirs = merged.differences.iter().filter(|(clusters, _)| clusters.contains(ClusterId(id)));
            let patches = merged.everywhere.iter().chain(theirs.flat_map(|(_, patches)| patches));
            let mut placed = merged.template.clone();
            for patch in patches {
                apply(&mut placed, patch, name);
            }
            assert_eq!(placed, object, "on {name}");
        }
        assert_eq!(merged.differences.len() + usize::from(!merged.everywhere.is_empty()), rules);
    }

    fn apply(object: &mut Value, change: &JsonPatch, name: &str) {
        let (path, value) = match change {
            JsonPatch::Add { path, value } | JsonPatch::Replace { path, value } => (path, Some(value)),
            JsonPatch::Remove { path } => (path, None),
        };
        let (parent, key) = path.rsplit_once('/').expect("an absolute path");
        let key = key.replace("~1", "/").replace("~0", "~");
        let fields = object.pointer_mut(parent).and_then(Value::as_object_mut).expect("the map is there");
        assert_eq!(fields.contains_key(&key), !matches!(change, JsonPatch::Add { .. }), "{path}");
        match value {
            Some(value) => {
                let text = value.to_string().replace(MEMBER_VARIABLE, name);
                fields.insert(key, serde_json::from_str(&text).expect("still JSON"));
            }
            None => drop(fields.remove(&key)),
        }
    }

    #[test]
    fn equal_copies_need_no_rule() {
        let object = json!({ "metadata": { "annotations": { "a/b": "c" } } });
        check([object.clone(), object.clone(), object], 0);
    }

    #[test]
    fn a_name_for_each_member_is_one_rule() {
        let object = |name: &str| json!({ "metadata": { "annotations": { "dns/label": format!("shop-{name}") } } });
        check(NAMES.map(object), 1);
    }

    #[test]
    fn members_with_one_difference_share_a_rule() {
        let stub = json!({ "metadata": { "annotations": { "a": "1" } }, "spec": { "type": "ClusterIP" } });
        let full = json!({ "metadata": { "annotations": { "a": "1", "dns": "x-east" } },
                           "spec": { "type": "LoadBalancer", "selector": { "app": "web" }, "ports": [1, 2] } });
        check([full, stub.clone(), stub], 2);
    }

    #[test]
    fn a_list_is_one_value() {
        let object = |name: &str| json!({ "spec": { "ports": [{ "name": format!("web-{name}"), "port": 80 }] } });
        check(NAMES.map(object), 1);
    }

    #[test]
    fn what_only_looks_like_a_name_stays() {
        let object = json!({ "metadata": { "name": "web-east" }, "spec": { "selector": { "app": "far-west" } } });
        check([object.clone(), object.clone(), object], 0);
        let object = |app: &str| json!({ "spec": { "selector": { "app": app } } });
        check([object("far-east"), object("far-west"), object("far-north")], 3);
    }
}
