//! A browser tab gives the bytes that the program gives.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

use std::path::Path;

use fleetnet_tests::wasm::Wasm;
use serde_json::{Map, Value, json};

/// The packages below `examples/`, each as the argument of `compile`.
fn examples() -> Vec<String> {
    let root = fleetnet_tests::root().join("examples");
    let mut packages: Vec<_> = entries(&root).into_iter().filter(|path| path.is_dir()).collect();
    packages.sort();
    packages.iter().map(|folder| package(folder)).collect()
}

fn package(folder: &Path) -> String {
    let mut files = Map::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(entries(&path));
        } else if path.extension().is_some_and(|extension| extension == "fleetnet") {
            let text = std::fs::read_to_string(&path).expect("an example is text");
            let name = path.strip_prefix(folder).expect("it is below").to_string_lossy().into_owned();
            files.insert(name, Value::String(text));
        }
    }
    let lock = std::fs::read_to_string(folder.join("fleetnet.lock")).ok();
    json!({"files": files, "lock": lock}).to_string()
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

fn compare(wasm: &Wasm, packages: &[String]) -> Vec<Value> {
    let answers = wasm.compile(packages);
    assert_eq!(answers.len(), packages.len());
    for (package, answer) in packages.iter().zip(&answers) {
        assert_eq!(answer, &fleetnet_playground::compile(package), "{package}");
    }
    answers.iter().map(|answer| serde_json::from_str(answer).expect("an answer is JSON")).collect()
}

#[test]
fn every_example_builds_to_the_same_bytes() {
    let Some(wasm) = Wasm::find("wasm::every_example_builds_to_the_same_bytes") else { return };
    let examples = examples();
    assert!(examples.len() >= 2, "{} examples", examples.len());
    for answer in compare(&wasm, &examples) {
        let artifacts = answer["artifacts"].as_array().expect("there are artifacts");
        assert!(!artifacts.is_empty(), "{}", answer["diagnostics"]);
        assert!(artifacts.iter().all(|artifact| artifact["text"].is_string() || artifact["hex"].is_string()));
    }
}

/// An example cut off anywhere: most of these packages have findings, whose places and texts must be the same, too.
#[test]
fn broken_packages_get_the_same_findings() {
    let Some(wasm) = Wasm::find("wasm::broken_packages_get_the_same_findings") else { return };
    let mut packages = Vec::new();
    for example in examples() {
        let example: Value = serde_json::from_str(&example).expect("it was written above");
        for (path, text) in example["files"].as_object().expect("a package has files") {
            let text = text.as_str().expect("a file is text");
            let cuts = text.char_indices().map(|(at, _)| at).step_by(97);
            let cut = |at: usize| json!({"files": {path: text.get(..at).unwrap_or_default()}}).to_string();
            packages.extend(cuts.map(cut));
        }
    }
    packages.push("no package at all".to_owned());
    let answers = compare(&wasm, &packages);
    let found = answers.iter().filter(|answer| answer["diagnostics"][0]["line"].as_u64() > Some(0)).count();
    assert!(found > answers.len() / 2, "{found} of {} packages have findings", answers.len());
}
