//! The fleetnet compiler in a browser tab: a package as JSON in, what came of it as JSON out.
//!
//! Thin on purpose: everything that has a meaning is in the compiler, so that a tab, a sandbox and the program give the
//! same bytes. What this crate does not have is what a tab does not have: files, a clock, threads, network.

mod shapes;

use fleetnet_compiler::compile::{self, Goal, Options, ParamValue, World};
use fleetnet_lang::SourceFile;
use wasm_bindgen::prelude::wasm_bindgen;

use shapes::{Answer, Package};

/// Compiles a package. Argument and result are JSON on one line; their shapes are in the module `shapes`.
///
/// An argument that is not a package gives `{"refused": WHY}`.
#[wasm_bindgen]
#[must_use]
pub fn compile(package: &str) -> String {
    let answer = match serde_json::from_str::<Package>(package) {
        Ok(package) => Answer::Compiled(build(package).into()),
        Err(error) => Answer::Refused(error.to_string()),
    };
    // Strings, numbers and lists: there is nothing in an answer that JSON can't say.
    serde_json::to_string(&answer).unwrap_or_default()
}

fn build(package: Package) -> compile::Compiled {
    let params = package.params.into_iter().map(|(name, value)| ParamValue { name, value }).collect();
    let files = package.files.into_iter().map(|(path, text)| SourceFile::new(path, text)).collect();
    let lock = package.lock.map(|text| SourceFile::new(compile::LOCK_FILE, text));
    compile::compile(&Tab { files, lock }, &Options { params, goal: Goal::Build })
}

/// A package that is only in memory.
struct Tab {
    files: Vec<SourceFile>,
    lock: Option<SourceFile>,
}

impl World for Tab {
    fn sources(&self) -> Vec<SourceFile> {
        self.files.clone()
    }

    fn lock(&self) -> Option<SourceFile> {
        self.lock.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_package_is_refused() {
        assert!(compile("{").starts_with("{\"refused\":\""));
        assert!(compile("{\"files\":{},\"fils\":{}}").contains("unknown field `fils`"));
    }

    #[test]
    fn findings_have_places() {
        let answer = compile("{\"files\":{\"a.fleetnet\":\"fleet x {\\n\"}}");
        assert!(answer.contains("\"path\":\"a.fleetnet\",\"line\":1,"), "{answer}");
        assert!(answer.ends_with("\"artifacts\":[],\"lock\":null}"), "{answer}");
    }
}
