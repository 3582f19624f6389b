//! Who does what can be done side by side, and in which order, changes nothing of what comes out.

#![allow(clippy::unwrap_used, reason = "what is not there fails the test")]

mod common;

use std::fmt::Write as _;

use common::examples::read;
use fleetnet_compiler::compile::{Goal, Options, World, compile};
use fleetnet_compiler::workers::{Alone, Workers};
use fleetnet_lang::{FileId, SourceFile, parse, tokens};

/// Does the last job first.
#[derive(Debug)]
struct Backwards;

impl Workers for Backwards {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..jobs).rev().for_each(job);
    }
}

struct Package<'a> {
    files: &'a [SourceFile],
    workers: &'a dyn Workers,
}

impl World for Package<'_> {
    fn sources(&self) -> Vec<SourceFile> {
        self.files.to_vec()
    }

    fn lock(&self) -> Option<SourceFile> {
        None
    }

    fn workers(&self) -> &dyn Workers {
        self.workers
    }
}

/// One of so many words is taken out of the examples at a time.
const EACH: usize = 29;

#[test]
fn examples_and_what_is_wrong_with_edited_ones_are_the_same() {
    for example in ["contoso", "blue-green"] {
        let files = read(example);
        same(example, &files);
        for (index, file) in files.iter().enumerate() {
            for token in tokens(&parse(FileId(0), &file.text).syntax()).step_by(EACH) {
                let range = token.text_range();
                let mut text = file.text.to_string();
                text.replace_range(usize::from(range.start())..usize::from(range.end()), "");
                let mut edited = files.clone();
                *edited.get_mut(index).unwrap() = SourceFile::new(file.path.clone(), text);
                same(&format!("{example} without {:?} of {}", token.text(), file.path), &edited);
            }
        }
    }
}

/// More policies than one job has, in no order of name, with names that nothing declares.
#[test]
fn policies_of_many_jobs_are_the_same() {
    let mut policies = String::new();
    for number in 0..200 {
        let (name, peer) = (number * 71 % 200, number % 7);
        writeln!(policies, "policy p{name} for shop/web {{\n    allow to shop/api on {}/tcp", 1000 + number).unwrap();
        writeln!(policies, "    allow from shop/lost{peer} on $port\n}}").unwrap();
    }
    let base = "fleet demo { default deny }\ncluster east {}\nparam port = 8080\n\
        namespace shop in east {}\nidentity shop/web { match app = web }\nidentity shop/api { match app = api }\n";
    let whole = policies.replace("from shop/lost", "from cidr 10.0.0.").replace(" on $port", "/32 on $port");
    for policies in [policies, whole] {
        same("generated", &[SourceFile::new("a.fleetnet", base), SourceFile::new("b.fleetnet", policies)]);
    }
}

fn same(what: &str, files: &[SourceFile]) {
    let options = Options { params: Vec::new(), goal: Goal::Build };
    let [alone, backwards] =
        [&Alone as &dyn Workers, &Backwards].map(|workers| compile(&Package { files, workers }, &options));
    assert_eq!(alone.diagnostics, backwards.diagnostics, "{what}");
    assert_eq!(alone.build, backwards.build, "{what}");
}
