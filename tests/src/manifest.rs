//! Kubernetes objects as tests read them: through a YAML reader that knows nothing of the compiler's writer.

use serde_json::Value;

/// The objects in a stream of YAML documents, empty documents left out. A plain `on` or `y` is a boolean, as it is for
/// Kubernetes: who means the text must quote it.
///
/// # Errors
/// What the reader says of a document that is not YAML.
pub fn objects(stream: &str) -> Result<Vec<Value>, String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(stream).map_err(|error| error.to_string())?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

/// A text field of an object, `/metadata/name` for one; empty if it isn't there.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// What messages call an object: `Namespace shop` or `CiliumNetworkPolicy shop/web`.
pub fn name(object: &Value) -> String {
    let kind = text(object, "/kind");
    let name = text(object, "/metadata/name");
    match text(object, "/metadata/namespace") {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_objects() {
        let stream = "---\nkind: A\nmetadata: {name: web, namespace: shop}\n---\n# nothing\n---\nkind: B\nmetadata:\n  name: hub\n";
        let names: Vec<String> = objects(stream).unwrap().iter().map(name).collect();
        assert_eq!(names, ["A shop/web", "B hub"]);
    }

    #[test]
    fn scalars_keep_their_types() {
        let object = &objects("{a: 1, b: '1', c: true, d: 'true', e: 1.5, f: null, g: on}").unwrap()[0];
        assert_eq!(
            object,
            &serde_json::json!({"a": 1, "b": "1", "c": true, "d": "true", "e": 1.5, "f": null, "g": true})
        );
    }

    #[test]
    fn what_is_not_yaml_is_refused() {
        assert!(objects("a: [").is_err());
        assert!(objects("a: 1\na: 2").is_err());
    }
}
