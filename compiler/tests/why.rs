//! Why flows pass or don't: every Markdown file under `tests/why` is a suite, every heading with a `fleetnet` block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its page; a block `fleetnet` is the test's own file.
//! - A block `why QUESTION` is the answer: which flows, then what each side says, decides by, beats and nearly allows.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test why` writes the answers anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

mod common;

use common::answers::shown;
use common::{Package, Test};
use fleetnet_compiler::compile::ask;
use fleetnet_lang::SourceFile;

#[test]
fn answers() {
    common::hold("tests/why", judge);
}

fn judge(test: &Test<'_>) -> Vec<String> {
    let mut own = String::new();
    let mut texts = Vec::new();
    for block in test.blocks {
        texts.push(match block.info.split_once(' ') {
            None if block.info == "fleetnet" => {
                own.clone_from(&block.text);
                own.clone()
            }
            Some(("why", question)) => {
                let files = vec![
                    SourceFile::new("fleet.fleetnet", test.prelude),
                    SourceFile::new("test.fleetnet", own.as_str()),
                ];
                shown(&ask(&Package(files), &[], question))
            }
            _ => panic!("{}: `{}` is no block of this suite", test.name, block.info),
        });
    }
    texts
}
