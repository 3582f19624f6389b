//! Who does what can be done side by side, and in which order, changes nothing of what comes out.

#![allow(clippy::unwrap_used, reason = "what is not there fails the test")]

mod common;

use std::fmt::Write as _;
use std::thread;

use common::examples::read;
use fleetnet_compiler::codes::names::UNKNOWN_NAME;
use fleetnet_compiler::compile::{Compiled, Goal, Options, World, compile};
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

/// Leaves out every third job, and does two at a time.
#[derive(Debug)]
struct Careless;

impl Workers for Careless {
    fn each(&self, jobs: usize, job: &(dyn Fn(usize) + Sync)) {
        thread::scope(|scope| {
            for half in 0..2 {
                scope.spawn(move || (0..jobs).filter(|index| index % 3 != 0 && index % 2 == half).for_each(job));
            }
        });
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
        assert!(same(example, &files).build.is_some());
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

/// More declarations of each kind than one job has, in no order of name, and in half of the cases names that nothing declares.
#[test]
fn declarations_of_many_jobs_are_the_same() {
    let mut text = String::new();
    for number in 0..COUNT {
        let (name, peer) = (number * 71 % COUNT, number % 7);
        writeln!(text, "policy p{name} for shop/i{name} {{\n    allow to shop/i{number} on {}/tcp", 1000 + number)
            .unwrap();
        writeln!(text, "    allow from shop/lost{peer} on $port\n}}").unwrap();
        writeln!(text, "identity shop/i{name} {{ match app = i{number} }}").unwrap();
        writeln!(text, "service shop/s{name} {{ pods shop/i{name} ; port http 80 -> 8080/tcp }}").unwrap();
        writeln!(text, "namespace n{number} {{ in east }}").unwrap();
    }
    let whole = text.replace("from shop/lost", "from cidr 192.0.2.").replace(" on $port", "/32 on $port");
    let lost = same("with lost names", &generated(text));
    assert_eq!(lost.build, None);
    assert_eq!(lost.diagnostics.iter().filter(|found| found.code == UNKNOWN_NAME).count(), 7);
    let whole = same("whole", &generated(whole));
    assert!(whole.build.is_some(), "{:#?}", whole.diagnostics.first());
}

/// Looking for near names takes long: of many that are not declared the first hundred get one, whoever found them.
#[test]
fn the_first_hundred_lost_names_are_told_a_near_one() {
    let mut text = "identity shop/payments { match app = payments }\n".to_owned();
    for number in 0..COUNT {
        writeln!(text, "policy p{number} for shop/payments {{ allow to shop/payment{number} on 80/tcp }}").unwrap();
    }
    let compiled = same("many lost names", &generated(text));
    let lost = || compiled.diagnostics.iter().filter(|found| found.code == UNKNOWN_NAME);
    assert_eq!((lost().count(), lost().filter(|found| found.fix.is_some()).count()), (COUNT, 100));
}

const COUNT: usize = 200;

fn generated(text: String) -> [SourceFile; 2] {
    let base = "fleet demo { target cilium ; default deny }\n\
        cluster east { id 1 ; pods 10.0.0.0/16 ; nodes 10.1.0.0/16 ; cilium \"1.19.0\" }\n\
        param port = \"8080/tcp\"\nnamespace shop { in east }\n";
    [SourceFile::new("a.fleetnet", base), SourceFile::new("b.fleetnet", text)]
}

/// What whoever works makes of a package.
fn same(what: &str, files: &[SourceFile]) -> Compiled {
    let options = Options { params: Vec::new(), goal: Goal::Build };
    let alone = compile(&Package { files, workers: &Alone }, &options);
    for workers in [&Backwards as &dyn Workers, &Careless] {
        let other = compile(&Package { files, workers }, &options);
        assert_eq!(alone.diagnostics, other.diagnostics, "{what}, {workers:?}");
        assert_eq!(alone.build, other.build, "{what}, {workers:?}");
    }
    alone
}
