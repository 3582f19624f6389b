//! The house rules that a machine can check and no linter does.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a helper that can't go on fails the test that called it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each crate may use of the others, besides itself. Every crate of the workspace is here.
const MAY_USE: [(&str, &[&str]); 12] = [
    ("fleetnet-lang", &[]),
    ("fleetnet-abi", &[]),
    ("fleetnet-compiler", &["fleetnet-lang", "fleetnet-abi"]),
    ("fleetnet-lsp", &["fleetnet-lang", "fleetnet-compiler"]),
    ("fleetnet-playground", &["fleetnet-lang", "fleetnet-compiler", "fleetnet-lsp"]),
    ("fleetnet-threads", &["fleetnet-compiler"]),
    ("fleetnet", &["fleetnet-lang", "fleetnet-abi", "fleetnet-compiler", "fleetnet-lsp", "fleetnet-threads"]),
    ("fleetnet-bench", &["fleetnet-lang", "fleetnet-compiler", "fleetnet-lsp", "fleetnet-threads"]),
    (
        "fleetnet-tests",
        &[
            "fleetnet-lang",
            "fleetnet-abi",
            "fleetnet-bench",
            "fleetnet-compiler",
            "fleetnet-playground",
            "fleetnet-threads",
        ],
    ),
    ("fleetnet-holds", &["fleetnet-lang", "fleetnet-compiler", "fleetnet-lsp", "fleetnet-playground"]),
    ("wasm-glue", &[]),
    ("xtask", &[]),
];

/// Crates that need an operating system or a kernel: the program's and the tests' only.
const IMPURE: [&str; 10] =
    ["aya", "aya-obj", "hyper", "kube", "kube-client", "mio", "reqwest", "socket2", "tokio", "wasmtime"];

/// What a language without serialisation and Kubernetes has no use for.
const NOT_IN_LANG: [&str; 3] = ["k8s-openapi", "serde", "serde_json"];

/// The most lines a file may have, tests excluded.
const MAX_LINES: usize = 600;

/// What may be seen at the root.
const ROOT: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "compiler",
    "docs",
    "ebpf",
    "examples",
    "lang",
    "playground",
    "runtime",
    "tests",
];

#[test]
fn crates_use_only_crates_below_them() {
    let metadata = Metadata::read();
    let may_use: BTreeMap<_, _> = MAY_USE.into_iter().collect();
    let members: BTreeSet<&str> = metadata.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(members, may_use.keys().copied().collect(), "the crates of the workspace and those of MAY_USE");
    for member in &metadata.members {
        for used in member.uses.iter().filter(|used| members.contains(used.as_str())) {
            assert!(may_use[member.name.as_str()].contains(&used.as_str()), "{} uses {used}", member.name);
        }
    }
}

#[test]
fn pure_crates_have_no_operating_system_below_them() {
    let metadata = Metadata::read();
    for member in &metadata.members {
        let below = metadata.below(&member.name);
        let allowed = ["fleetnet", "fleetnet-tests"].contains(&member.name.as_str());
        let found: Vec<_> = IMPURE.iter().filter(|name| !allowed && below.contains(**name)).collect();
        assert!(found.is_empty(), "{} depends on {found:?}", member.name);
    }
    let lang = metadata.below("fleetnet-lang");
    assert!(NOT_IN_LANG.iter().all(|name| !lang.contains(*name)), "fleetnet-lang depends on {lang:?}");
}

/// Another way to reach the outside is the standard library.
#[test]
fn pure_crates_ask_nothing_of_the_machine() {
    let outside = ["env", "fs", "net::Tcp", "net::Udp", "process", "thread", "time::Instant", "time::System"];
    let outside = outside.map(|name| format!("std::{name}"));
    let folders = ["lang/src/", "lang/lsp/src/", "ebpf/abi/src/", "compiler/src/", "playground/src/"];
    for file in sources().iter().filter(|file| folders.iter().any(|folder| file.path.starts_with(folder))) {
        for (number, line) in file.code() {
            let found = outside.iter().find(|name| line.contains(name.as_str()) && !line.trim().starts_with("//"));
            assert!(found.is_none(), "{}:{number}: {line}", file.path.display());
        }
    }
}

#[test]
fn the_root_program_is_fleetnet() {
    let metadata = Metadata::read();
    assert_eq!(metadata.default_members, ["fleetnet"], "`cargo run` at the root has to mean one program");
}

#[test]
fn every_crate_has_the_workspace_lints() {
    for member in Metadata::read().members {
        let manifest = std::fs::read_to_string(&member.manifest).expect("cargo has read it, too");
        let rules = manifest.contains("\n[lints]\nworkspace = true\n");
        assert!(rules, "{} has no `[lints]` with `workspace = true`", member.manifest.display());
    }
}

/// A test that no suite runs guards nothing.
#[test]
fn every_test_target_is_a_suite() {
    let root = fleetnet_tests::root();
    let suites = std::fs::read_to_string(root.join("tests/xtask/src/suites.rs")).expect("the table of suites");
    for entry in std::fs::read_dir(root.join("tests/tests")).expect("the folder of test targets") {
        let path = entry.expect("the folder of test targets").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(suites.contains(&format!("name: \"{name}\"")), "no suite of xtask runs {}", path.display());
    }
}

#[test]
fn files_are_short() {
    for file in sources() {
        let lines = file.code().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines, tests excluded: {MAX_LINES} at most", file.path.display());
    }
}

#[test]
fn nothing_is_left_to_do() {
    // In pieces, so that this file is no find.
    let words = [["TO", "DO"], ["todo", "!("], ["unimplemented", "!("], ["XX", "X"]].map(|parts| parts.concat());
    for file in sources() {
        for (number, line) in file.text.lines().enumerate() {
            let found = words.iter().find(|word| line.contains(word.as_str()));
            assert!(found.is_none(), "{}:{}: {line}", file.path.display(), number + 1);
        }
    }
}

/// Meaning comes before targets: what no target has a say in must not speak a target's words.
#[test]
fn the_core_speaks_of_no_backend() {
    let layers = ["model", "plan", "semantics", "analysis"];
    for file in sources() {
        let Ok(inside) = file.path.strip_prefix("compiler/src") else { continue };
        let layer = inside.iter().next().map(|first| first.to_string_lossy()).unwrap_or_default();
        if !layers.contains(&layer.trim_end_matches(".rs")) {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            let found = words(line).find(|word| ["CiliumNetworkPolicy", "LPM", "Lpm", "ifindex"].contains(word));
            assert!(found.is_none(), "{}:{}: {line}", file.path.display(), number + 1);
        }
    }
}

#[test]
fn no_path_is_of_one_machine() {
    let roots = ["home", "root", "Users", "work"].map(|folder| format!("/{folder}/"));
    for file in tracked() {
        for (number, line) in file.text.lines().enumerate() {
            let found = roots.iter().find(|root| begins_a_path(line, root));
            assert!(found.is_none(), "{}:{}: {line}", file.path.display(), number + 1);
        }
    }
}

#[test]
fn the_root_is_tidy() {
    let visible: BTreeSet<String> = tracked_paths()
        .iter()
        .filter_map(|path| path.iter().next().map(|first| first.to_string_lossy().into_owned()))
        .filter(|first| !first.starts_with('.'))
        .collect();
    let strange: Vec<_> = visible.iter().filter(|first| !ROOT.contains(&first.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?} at the root");
}

#[test]
fn links_in_documents_lead_somewhere() {
    let root = fleetnet_tests::root();
    for file in tracked().iter().filter(|file| file.path.extension().is_some_and(|extension| extension == "md")) {
        let folder = root.join(file.path.parent().unwrap_or(Path::new("")));
        for link in links(&file.text) {
            let target = link.split('#').next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            assert!(elsewhere || folder.join(target).exists(), "{}: {link}", file.path.display());
        }
    }
}

/// What cargo knows of the workspace.
struct Metadata {
    members: Vec<Member>,
    default_members: Vec<String>,
    /// What each package depends on when it is built for use, by package id.
    edges: BTreeMap<String, Vec<String>>,
    /// Names by package id.
    names: BTreeMap<String, String>,
}

struct Member {
    name: String,
    manifest: PathBuf,
    /// Its direct dependencies of any kind, tests included.
    uses: Vec<String>,
}

impl Metadata {
    fn read() -> Self {
        let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
        let mut command = Command::new(cargo);
        command.args(["metadata", "--format-version", "1", "--locked"]).current_dir(fleetnet_tests::root());
        let output = command.output().expect("cargo can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self::parse(&serde_json::from_slice(&output.stdout).expect("cargo prints JSON"))
    }

    fn parse(metadata: &Value) -> Self {
        let packages = list(metadata, "/packages");
        let names: BTreeMap<_, _> = packages.iter().map(|p| (text(p, "/id"), text(p, "/name"))).collect();
        let is_member = |package: &&Value| list(metadata, "/workspace_members").contains(&package["id"]);
        let members = packages.iter().filter(is_member).map(|package| Member {
            name: text(package, "/name"),
            manifest: PathBuf::from(text(package, "/manifest_path")),
            uses: list(package, "/dependencies").iter().map(|dependency| text(dependency, "/name")).collect(),
        });
        let default_members = list(metadata, "/workspace_default_members").iter().map(|id| names[&string(id)].clone());
        let edges = list(metadata, "/resolve/nodes").iter().map(|node| {
            let used = list(node, "/deps").iter().filter(is_for_use);
            (text(node, "/id"), used.map(|dependency| text(dependency, "/pkg")).collect())
        });
        Self { members: members.collect(), default_members: default_members.collect(), edges: edges.collect(), names }
    }

    /// The names of all packages that a member needs when it is built for use.
    fn below(&self, member: &str) -> BTreeSet<String> {
        let mut open: Vec<&String> =
            self.names.iter().filter(|(_, name)| name.as_str() == member).map(|(id, _)| id).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            open.extend(self.edges[id].iter().filter(|next| seen.insert((*next).clone())));
        }
        seen.iter().map(|id| self.names[id].clone()).collect()
    }
}

/// Whether a dependency is an ordinary one, not of tests or build scripts only.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that `filter` wants")]
fn is_for_use(dependency: &&Value) -> bool {
    list(dependency, "/dep_kinds").iter().any(|kind| kind["kind"].is_null())
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).expect("cargo's format is stable")
}

fn text(value: &Value, pointer: &str) -> String {
    string(value.pointer(pointer).expect("cargo's format is stable"))
}

fn string(value: &Value) -> String {
    value.as_str().expect("cargo's format is stable").to_owned()
}

/// A text file of the repository.
struct File {
    /// From the root.
    path: PathBuf,
    text: String,
}

impl File {
    /// The numbered lines before the unit tests, or none in a file of tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = if self.is_test() { "" } else { &self.text };
        lines.lines().enumerate().map(|(index, line)| (index + 1, line)).take_while(|(_, line)| *line != "#[cfg(test)]")
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/tests")
            || self.path.iter().any(|part| part == "tests.rs")
            || self.path.iter().skip(1).any(|part| part == "tests")
    }
}

fn tracked_paths() -> Vec<PathBuf> {
    let mut command = Command::new("git");
    // Also what is not committed yet, but nothing that is ignored.
    command.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).current_dir(fleetnet_tests::root());
    let output = command.output().expect("git can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("our paths are UTF-8");
    names.split_terminator('\0').map(PathBuf::from).collect()
}

/// All text files.
fn tracked() -> Vec<File> {
    let root = fleetnet_tests::root();
    let read = |path: PathBuf| Some(File { text: std::fs::read_to_string(root.join(&path)).ok()?, path });
    let files: Vec<File> = tracked_paths().into_iter().filter_map(read).collect();
    assert!(files.iter().any(|file| file.path == Path::new("Cargo.toml")), "git lists the repository");
    files
}

/// All Rust and Go files.
fn sources() -> Vec<File> {
    let mut files = tracked();
    files.retain(|file| file.path.extension().is_some_and(|extension| extension == "rs" || extension == "go"));
    files
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric())
}

/// Whether an absolute path that begins with `root` is in the line; `a/root/` is none.
fn begins_a_path(line: &str, root: &str) -> bool {
    line.match_indices(root).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || "-_.)}]>~$*/".contains(c)))
    })
}

/// The targets of inline links, outside of code.
fn links(markdown: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut fenced = false;
    for line in markdown.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        for prose in line.split('`').step_by(2) {
            let rests = prose.split("](").skip(1);
            targets.extend(rests.filter_map(|rest| rest.split([')', ' ']).next()));
        }
    }
    targets
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert_eq!(links("[a](b.md) `[c](d)` [e](f.md#g \"h\")\n```\n[i](j)\n```\n[k](l)"), ["b.md", "f.md#g", "l"]);
    let root = ["/ro", "ot/"].concat();
    assert!(begins_a_path(&format!("cp {root}x y"), &root));
    assert!(!begins_a_path(&format!("target/wasm{root}x"), &root));
    assert_eq!(words("a CiliumNetworkPolicy, LPM_x").collect::<Vec<_>>(), ["a", "CiliumNetworkPolicy", "", "LPM", "x"]);
    let file = |path: &str, text: &str| File { path: PathBuf::from(path), text: text.to_owned() };
    assert_eq!(file("lang/src/a.rs", "x\n#[cfg(test)]\nmod tests {}").code().count(), 1);
    assert_eq!(file("tests/src/a.rs", "x\ny").code().count(), 2);
    assert_eq!(file("lang/tests/a.rs", "x\ny").code().count(), 0);
}
