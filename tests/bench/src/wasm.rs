//! The stages for a clock that is not Rust's: WebAssembly has none.

use wasm_bindgen::prelude::wasm_bindgen;

use fleetnet_threads::Threads;

use crate::fleet::{self, SIZES};
use crate::stages::{Build, Stage};

/// The memory of the instance, as JavaScript has it.
#[must_use]
#[wasm_bindgen]
pub fn instance_memory() -> wasm_bindgen::JsValue {
    wasm_bindgen::memory()
}

/// A build that whoever has a clock takes on, stage by stage.
#[derive(Debug)]
#[wasm_bindgen]
pub struct Timed {
    build: Build,
    left: std::vec::IntoIter<Stage>,
}

#[wasm_bindgen]
impl Timed {
    /// A build of one of the sizes, by its name; nothing for a name that none has.
    #[must_use]
    pub fn of(size: &str) -> Option<Timed> {
        let size = SIZES.into_iter().find(|known| known.name == size)?;
        Some(Self { build: Build::new(fleet::sources(size), Threads::new(1)), left: Stage::ALL.to_vec().into_iter() })
    }

    /// The stage that comes next.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        self.left.as_slice().first().map(|stage| stage.name().to_owned())
    }

    /// Runs it.
    pub fn run(&mut self) {
        if let Some(stage) = self.left.next() {
            self.build.run(stage);
        }
    }

    /// How many errors were found; there should be none.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.build.errors().len()
    }
}
