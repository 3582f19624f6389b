//! A browser tab gives the bytes that the program gives.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

use fleetnet_compiler::compile::World;
use fleetnet_tests::generate;
use fleetnet_tests::package::Package;
use fleetnet_tests::wasm::Wasm;
use serde_json::{Map, Value, json};

/// How many generated fleets are compared, of each sort.
const FLEETS: u64 = 60;

/// The packages below `examples/`, each as the argument of `compile`.
fn examples() -> Vec<String> {
    let folders = std::fs::read_dir(fleetnet_tests::root().join("examples")).expect("there are examples");
    let mut folders: Vec<_> = folders.map(|entry| entry.expect("the folder can be read").path()).collect();
    folders.sort();
    folders.iter().map(|folder| argument(&Package::of_folder(folder))).collect()
}

fn argument(package: &Package) -> String {
    let file = |source: fleetnet_lang::SourceFile| (source.path.to_string(), Value::String(source.text.to_string()));
    let files: Map<String, Value> = package.sources().into_iter().map(file).collect();
    json!({"files": files, "lock": package.lock().map(|lock| lock.text.to_string())}).to_string()
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

#[test]
fn generated_fleets_build_to_the_same_bytes() {
    let Some(wasm) = Wasm::find("wasm::generated_fleets_build_to_the_same_bytes") else { return };
    let sources = (0..FLEETS).flat_map(|seed| [generate::small(seed), generate::traffic(seed)]);
    let packages: Vec<_> = sources.map(|source| argument(&Package::of_text(&source.to_string()))).collect();
    let answers = compare(&wasm, &packages);
    let built = answers.iter().filter(|answer| answer["lock"].is_string()).count();
    assert!(built > answers.len() * 9 / 10, "{built} of {} fleets have artifacts", answers.len());
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
    let found = answers.iter().filter(|answer| answer["diagnostics"][0]["start"]["line"].as_u64() > Some(0)).count();
    assert!(found > answers.len() / 2, "{found} of {} packages have findings", answers.len());
}
