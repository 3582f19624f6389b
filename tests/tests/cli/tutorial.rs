//! `docs/tutorial.md`, step by step in a folder of its own.
//!
//! - A block `fleetnet PATH` goes to the end of a file, an empty line above it.
//! - A block `console` holds commands and what each prints.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-tests --test cli tutorial` writes anew what is printed.

use std::cell::RefCell;

use crate::harness::{Scratch, example};
use crate::pages::{Block, Test, hold};
use crate::session::session;

const PAGE: &str = "../docs/tutorial.md";

#[test]
fn every_step_of_the_tutorial_does_what_it_says_and_leads_to_the_example() {
    let scratch = Scratch::new("tutorial");
    let written = RefCell::new(Vec::new());
    hold(PAGE, |test| test.blocks.iter().map(|block| step(&scratch, &mut written.borrow_mut(), test, block)).collect());
    // The end is the example: the same files with the same bytes, the lock too.
    let expected = Scratch::new("tutorial-example");
    expected.copy(example("contoso"), "contoso");
    assert_eq!(scratch.tree("contoso"), expected.tree("contoso"));
}

fn step(scratch: &Scratch, written: &mut Vec<String>, test: &Test<'_>, block: &Block) -> String {
    match block.info.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["fleetnet", path] => {
            let before =
                if written.iter().any(|known| known == path) { scratch.read(path) + "\n" } else { String::new() };
            scratch.write(path, before + &block.text);
            written.push((*path).to_owned());
            block.text.clone()
        }
        ["console"] => session(scratch, block),
        _ => panic!("{}: `{}` is no step", test.name, block.info),
    }
}
