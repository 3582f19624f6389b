//! The schemas of the JSON that the program prints or writes.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

/// The schema of a type as it is written: what is left out at times is not required.
pub fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

// The compiler writes `build.json` and knows of no schemas; a test holds builds against this description.

/// `build.json`, which every build holds.
#[derive(JsonSchema)]
#[schemars(title = "What a build holds, and what it was made of", rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only described")]
pub struct Manifest {
    /// Goes up when a reader of the last format could misread the next; 1 today.
    format: u32,
    /// The version of the compiler.
    compiler: String,
    fleet: String,
    /// The fleet's doc comment.
    #[schemars(skip_serializing_if = "Option::is_none")]
    doc: Option<String>,
    /// The last phase that is whole.
    phase: Phase,
    /// The clusters whose data-path ids and names the next phase needs.
    #[schemars(skip_serializing_if = "Vec::is_empty")]
    waiting_for: Vec<String>,
    /// The files of the package.
    inputs: Vec<Input>,
    /// Parameters that were set from outside.
    #[schemars(skip_serializing_if = "Vec::is_empty")]
    params: Vec<Param>,
    /// SHA-256 of the lock.
    lock: String,
    /// The other files of the build, in order of path.
    artifacts: Vec<Artifact>,
}

/// When something can be applied.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "only described")]
enum Phase {
    /// It needs only the source.
    Link,
    /// It needs the data-path ids and names of the clusters.
    Policy,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only described")]
struct Input {
    /// Relative to the package's root.
    path: String,
    sha256: String,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only described")]
struct Param {
    name: String,
    /// As it would be written in the source.
    value: String,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only described")]
struct Artifact {
    /// Relative to the build's folder.
    path: String,
    sha256: String,
    /// The cluster that it is for.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    phase: Phase,
    /// The objects in it, in order.
    #[schemars(skip_serializing_if = "Vec::is_empty")]
    objects: Vec<Object>,
}

/// An object of Kubernetes or of an ARM template.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only described")]
struct Object {
    api_version: String,
    kind: String,
    #[schemars(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
    /// The declaration behind it.
    #[schemars(skip_serializing_if = "Option::is_none")]
    source: Option<Place>,
}

/// Lines and columns from 1; the end is behind the last character.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only described")]
struct Place {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}
