//! What is found after rules, labels or services were edited is what a whole compilation finds, or nothing is said.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what is not there fails the test"
)]

mod common;

use common::examples::read;
use fleetnet_compiler::compile::{Again, Compilation, Goal, World};
use fleetnet_compiler::resolve::again::is_about_paths;
use fleetnet_lang::ast::{AstNode, Declaration};
use fleetnet_lang::{Diagnostic, FileId, SourceFile, parse};

struct Package<'a>(&'a [SourceFile]);

impl World for Package<'_> {
    fn sources(&self) -> Vec<SourceFile> {
        self.0.to_vec()
    }

    fn lock(&self) -> Option<SourceFile> {
        None
    }
}

/// A fleet in which nearly every two rules have something to do with each other.
fn crowded() -> Vec<SourceFile> {
    let fleet = "fleet f { target cilium ; default deny ; files \"fleet.fleetnet\" }\n\
        cluster one { id 1 ; cilium-name \"one\" ; region r ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium \"1.18.0\" }\n\
        cluster two { id 2 ; cilium-name \"two\" ; region r ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium \"1.19.0\" }\n\
        cluster far { id 3 ; cilium-name \"far\" ; region r ; pods 10.3.0.0/16 ; nodes 10.103.0.0/24 ; cilium \"1.19.0\" }\n\
        mesh m { members one, two }\n\
        clusters near = one, two\n\
        namespace shop { in one, two ; global in m }\n\
        identity shop/web { match app = web ; port http 8080/tcp }\n\
        identity shop/db { match app = db ; port sql 5432/tcp }\n\
        identity shop/cache { match app = cache ; in one }\n\
        group all-of-shop { shop/web, shop/db, shop/cache }\n\
        policy wide { allow all-of-shop -> shop/cache on 6379/tcp\n  allow shop/web -> shop/db on sql\n  deny shop/cache -> shop/db on 1-100/tcp }\n";
    let shop = "policy web for shop/web {\n  allow to shop/db on sql\n  allow from ops/probe on 8080/tcp\n  allow to near-pods on 1/tcp\n  deny to shop/cache on 22/tcp\n}\n\
        group near-pods { shop/db, ops/probe }\n\
        external named { dns \"api.example.com\" }\nexternal wide { cidr 203.0.113.0/24 }\nexternal ingress { pods ingress-nginx }\n\
        policy out for shop/web { allow to named on 443/tcp\n  allow to dns \"*.example.com\" on 443/tcp\n  allow from host, ingress on 8080/tcp\n  deny to wide }\n\
        policy db for shop/db in near {\n  allow from shop/web on sql\n  allow from shop/web, shop/cache on 5432/tcp\n  allow from ops/* on any\n}\n";
    let labels = "identity shop/batch { match app = batch ; account batch }\nnamespace open { in one ; default allow egress }\nidentity open/any-pod { match app = free }\n\
        identity shop/job { in near\n  match app = job and tier in (a, b)\n  match app = old-job\n  port http 8081/tcp }\n\
        group workers { where app = batch }\n\
        service shop/batch { pods shop/batch ; port http 80 -> 8080/tcp }\n\
        service shop/job { pods shop/job ; port http 80 -> 8081/tcp }\n\
        policy job for shop/job {\n  allow from shop/batch, workers on http\n  allow to shop/db on sql\n}\n\
        invariant tiers \"of tiers\" { require `flow.dst.labels.app != \"bach\" || flow.src.labels.teir == \"a\"` }\n";
    let ops = "namespace ops { in all ; global in m ; files \"ops.fleetnet\" }\n\
        identity ops/probe { match app = probe ; port http 9090/tcp }\n\
        policy probe for ops/probe {\n  # what it looks at\n  allow to shop/web in local on 8080/tcp\n  allow to shop/db on 5432/tcp, 1/udp\n  allow from all\n}\n\
        policy later for ops/* { allow to shop/* on any\n  allow to shop/db in one on 5432/tcp }\n";
    [("fleet.fleetnet", fleet), ("shop.fleetnet", shop), ("labels.fleetnet", labels), ("ops.fleetnet", ops)]
        .map(|(path, text)| SourceFile::new(path, text))
        .to_vec()
}

/// That fleet, with services in front of its pods and paths that lead to them.
fn offering() -> Vec<SourceFile> {
    let mut files = crowded();
    files[0] = SourceFile::new(
        "fleet.fleetnet",
        files[0].text.replace("target cilium", "dns strict ; target cilium ; target gateway-api"),
    );
    let paths = "service shop/web {\n  pods shop/web\n  type load-balancer\n  external-traffic-policy cluster\n  port http 80 -> 8080/tcp\n  port admin 9000/tcp\n  at two { port http 80 -> 8081/tcp }\n}\n\
        service shop/db {\n  pods shop/db\n  port sql 5432/tcp\n  routes-from ops\n}\n\
        service shop/both { pods shop/db ; headless ; port sql 5432/tcp }\n\
        export shop/web to m { affinity local }\n\
        export shop/db to m { from one ; consume all }\n\
        entry shop/site {\n  backend shop/web { weight one = 60, two = 40 }\n  probe http \"/\" port 80\n}\n\
        gateway shop/edge {\n  class cilium\n  listener web http 80 host \"shop.example\"\n  route \"/\" -> shop/web port http { weight one = 30, two = 70 }\n}\n\
        gateway ops/edge { class cilium\n  listener db tcp 5432\n  route -> shop/db\n}\n\
        rollout move for gateway shop/edge -> shop/web { step first { one = 90, two = 10 } }\n\
        service shop/batches { pods shop/batch ; port more 81 -> 8080/tcp }\n\
        balance shop/web on one\nparam place = one\n\
        export shop/batches to m { from $place }\n\
        policy named for shop/web in one { allow from ops/probe on http\n  allow from shop/cache on admin\n}\n\
        policy edge for shop/web { allow from gateways on 8080/tcp\n}\n\
        test \"shares\" { share shop/edge -> shop/web one = 30%, two = 70% }\n\
        test \"step\" { given step first\n  share shop/edge -> shop/web one = 90%, two = 10% }\n";
    files.push(SourceFile::new("paths.fleetnet", paths));
    files
}

/// That fleet, half of it run by Azure, and a cluster by nobody.
fn azure() -> Vec<SourceFile> {
    let mut files = offering();
    let targets = "target azure-fleet for one { subscription \"s\" ; resource-group \"g\" ; fleet \"f\" } ; target gateway-api for near ; target cilium for two";
    files[0] = SourceFile::new("fleet.fleetnet", files[0].text.replace("target cilium ; target gateway-api", targets));
    let labelled = "type load-balancer\n  dns-label \"site\"\n";
    files[4] = SourceFile::new("paths.fleetnet", files[4].text.replacen("type load-balancer\n", labelled, 1));
    files
}

/// What may stand in services and paths.
const PATHS: [&str; 44] = [
    "$place",
    "shop/batch",
    "shop/batches",
    "balance",
    "shop/web",
    "shop/db",
    "shop/cache",
    "ops/probe",
    "shop/both",
    "shop/edge",
    "shop/site",
    "all",
    "one",
    "two",
    "far",
    "near",
    "m",
    "http",
    "sql",
    "admin",
    "web",
    "80",
    "8080/tcp",
    "5432/tcp",
    "1/udp",
    "->",
    "port",
    "headless",
    "type",
    "load-balancer",
    "node-port",
    "cluster-ip",
    "local",
    "cluster",
    "affinity",
    "from",
    "consume",
    "weight",
    "=",
    "0",
    "100",
    "first",
    "\"/x\"",
    "ops",
];

/// What may stand in rules.
const WORDS: [&str; 36] = [
    "open/*",
    "open/any-pod",
    "shop/web",
    "shop/db",
    "shop/cache",
    "ops/probe",
    "shop/*",
    "ops/*",
    "all",
    "all-of-shop",
    "near-pods",
    "world",
    "host",
    "remote-nodes",
    "kube-apiserver",
    "foreign",
    "gateways",
    "cluster-dns",
    "named",
    "wide",
    "ingress",
    "dns \"*.example.com\"",
    "sql",
    "http",
    "5432/tcp",
    "1-9000/tcp",
    "8080/tcp",
    "any",
    "22/tcp",
    "allow",
    "deny",
    "from",
    "to",
    "local",
    "one",
    "far",
];

/// What may stand in identities.
const LABELS: [&str; 27] = [
    "port",
    "sql",
    "9090/tcp",
    "metrics",
    "app",
    "tier",
    "web",
    "db",
    "cache",
    "probe",
    "batch",
    "new",
    "=",
    "!=",
    "and",
    "match",
    "account",
    "in",
    "one",
    "two",
    "near",
    "has",
    "not",
    "k8s-app",
    "pod-template-hash",
    "http",
    "8081/tcp",
];

/// Numbers that look random, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// What is mostly edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edited {
    Policies,
    Identities,
    Paths,
}

/// One edit of a text, mostly inside of what is to be edited.
fn edited(random: &mut Random, what: Edited, text: &str) -> String {
    let parse = parse(FileId(0), text);
    let declarations = parse.file().unwrap().declarations().filter_map(|declaration| match declaration {
        Declaration::Policy(node) if what == Edited::Policies => Some(node.span(FileId(0))),
        Declaration::Identity(node) if what == Edited::Identities => Some(node.span(FileId(0))),
        node if what == Edited::Paths && is_about_paths(&node) => Some(node.span(FileId(0))),
        _ => None,
    });
    let declarations: Vec<_> = declarations.collect();
    let (start, end) = match declarations.get(random.below(declarations.len())) {
        Some(span) if random.below(12) > 0 => (span.start as usize, span.end as usize),
        _ => (0, text.len()),
    };
    let lines: Vec<(usize, &str)> = text[start..end]
        .split_inclusive('\n')
        .scan(start, |place, line| {
            *place += line.len();
            Some((*place - line.len(), line))
        })
        .collect();
    let (place, line) = lines[random.below(lines.len())];
    let whole = |with: &str| format!("{}{with}{}", &text[..place], &text[place + line.len()..]);
    match random.below(11) {
        9 => whole(&format!("word\n{line}")),
        10 => whole(&line.replacen(' ', "\n", 1 + random.below(2))),
        8 => swapped(random, text).unwrap_or_else(|| whole(line)),
        0 => whole(""),
        1 => whole(&format!("{line}{line}")),
        2 => whole(&format!("{line}  # a comment\n")),
        3 => whole(&format!("\n{line}")),
        4 => whole(&line.replace(' ', "  ")),
        _ => {
            let words: Vec<(usize, &str)> = line.match_indices(|c: char| !c.is_whitespace() && c != ',').collect();
            let Some((at, _)) = words.get(random.below(words.len())) else { return whole(line) };
            let from = line[..*at].rfind([' ', ',', '\n']).map_or(0, |blank| blank + 1);
            let to = line[*at..].find([' ', ',', '\n']).map_or(line.len(), |blank| at + blank);
            let said: &[&str] = match what {
                Edited::Policies => &WORDS,
                Edited::Identities => &LABELS,
                Edited::Paths => &PATHS,
            };
            let word = said[random.below(said.len())];
            whole(&format!("{}{word}{}", &line[..from], &line[to..]))
        }
    }
}

/// Two declarations that stand behind each other, the other way round.
fn swapped(random: &mut Random, text: &str) -> Option<String> {
    let parse = parse(FileId(0), text);
    let spans: Vec<_> = parse.file()?.declarations().map(|node| node.span(FileId(0))).collect();
    let place = random.below(spans.len());
    let (first, second) = (spans.get(place)?, spans.get(place + 1)?);
    let part = |start: u32, end: u32| &text[start as usize..end as usize];
    let (one, between, other) =
        (part(first.start, first.end), part(first.end, second.start), part(second.start, second.end));
    Some(format!("{}{other}{between}{one}{}", part(0, first.start), &text[second.end as usize..]))
}

fn found(files: &[SourceFile]) -> (Vec<Diagnostic>, Option<Again>) {
    let world = Package(files);
    let mut compilation = Compilation::begin(&world, &[]);
    let found = compilation.findings(Goal::Check);
    (found, Again::new(&world, &mut compilation))
}

/// How many of some edits were answered.
fn answered(files: &[SourceFile], seed: u64, edits: usize, what: Edited) -> usize {
    let mut random = Random(seed);
    let mut base = files.to_vec();
    let (_, mut again) = found(&base);
    let mut now = base.clone();
    let mut sound = base.clone();
    let mut answered = 0;
    for _ in 0..edits {
        let file = random.below(now.len());
        let before = now[file].clone();
        now[file] = SourceFile::new(before.path.clone(), edited(&mut random, what, &before.text));
        let (expected, later) = found(&now);
        if let Some(again) = again.as_mut()
            && let Some(found) = again.findings(&Package(&now))
        {
            let differ = |one: &[Diagnostic], other: &[Diagnostic]| {
                one.iter().filter(|found| !other.contains(found)).cloned().collect::<Vec<_>>()
            };
            let then = base.iter().find(|base| base.path == now[file].path).unwrap();
            assert!(
                found == expected,
                "found again: {:#?}\nfound of the whole: {:#?}\n{}\n--- as compiled:\n{}",
                differ(&found, &expected),
                differ(&expected, &found),
                now[file].text,
                then.text
            );
            answered += 1;
        }
        // Whatever cannot be compiled is mostly taken back, and sometimes the package is compiled anew.
        match later {
            Some(later) if random.below(4) == 0 => {
                base.clone_from(&now);
                sound.clone_from(&now);
                again = Some(later);
            }
            Some(_) => sound.clone_from(&now),
            None if random.below(3) > 0 => now.clone_from(&sound),
            None => {}
        }
        if random.below(40) == 0 {
            base = files.to_vec();
            now.clone_from(&base);
            sound.clone_from(&base);
            again = found(&base).1;
        }
    }
    answered
}

#[test]
fn edits_of_a_crowded_fleet_are_found_as_by_a_whole_compilation() {
    let edits = 1500;
    let answered = answered(&crowded(), 1, edits, Edited::Policies);
    assert!(answered * 2 > edits, "{answered} of {edits} answered");
}

#[test]
fn edits_of_labels_are_found_as_by_a_whole_compilation() {
    let edits = 1500;
    let answered = answered(&crowded(), 4, edits, Edited::Identities);
    assert!(answered * 5 > edits, "{answered} of {edits} answered");
}

#[test]
fn edits_of_services_and_paths_are_found_as_by_a_whole_compilation() {
    let edits = 1500;
    let answered = answered(&offering(), 5, edits, Edited::Paths);
    assert!(answered * 5 > edits, "{answered} of {edits} answered");
}

#[test]
fn edits_beside_services_and_paths_are_found_as_by_a_whole_compilation() {
    for (what, seed) in [(Edited::Policies, 6), (Edited::Identities, 7)] {
        let edits = 700;
        let answered = answered(&offering(), seed, edits, what);
        assert!(answered * 5 > edits, "{answered} of {edits} edits of {what:?} answered");
    }
}

#[test]
fn edits_of_what_azure_offers_are_found_as_by_a_whole_compilation() {
    for (what, seed) in [(Edited::Paths, 8), (Edited::Identities, 9)] {
        let edits = 700;
        let answered = answered(&azure(), seed, edits, what);
        assert!(answered * 5 > edits, "{answered} of {edits} edits of {what:?} answered");
    }
}

#[test]
fn edits_of_the_examples_are_found_as_by_a_whole_compilation() {
    for (package, seed) in [("contoso", 2), ("blue-green", 3)] {
        for what in [Edited::Policies, Edited::Identities, Edited::Paths] {
            let edits = 200;
            let answered = answered(&read(package), seed, edits, what);
            assert!(answered > 0, "{package}: none of {edits} edits of {what:?} answered");
        }
    }
}

/// Declarations as they were and as they are.
type Case = (&'static str, &'static str);

/// What is found depends on how these are written, or on what stands beside the rule that was edited.
const CASES: [Case; 47] = [
    // What is new is waived as what was there.
    (
        "policy p for shop/web {\n  waive FN0735 \"later\"\n  allow to shop/db on 1/tcp\n}\n",
        "policy p for shop/web {\n  waive FN0735 \"later\"\n  allow to shop/db on 1/tcp\n  allow to shop/cache on 2/tcp\n}\n",
    ),
    (
        "policy p for shop/web {\n  waive FN0735 \"later\"\n  allow to shop/db on 1/tcp\n}\n",
        "policy p for shop/web {\n  waive FN0735 \"later\"\n  allow to shop/db on 2/tcp\n}\n",
    ),
    // It waives nothing any more.
    (
        "policy p for shop/web {\n  allow to shop/db on 1/tcp\n  waive FN0735 \"later\"\n}\n",
        "policy p for shop/web {\n  allow to shop/db on sql\n  waive FN0735 \"later\"\n}\n",
    ),
    // Whom a policy is about is part of what is to be written elsewhere.
    (
        "policy p for shop/web in (one,two) {\n  allow to shop/db on 1/tcp\n}\n",
        "policy p for shop/web in (one, two) {\n  allow to shop/db on 1/tcp\n}\n",
    ),
    (
        "policy p for shop/cache {\n  allow to shop/db in (one, two) on 1/tcp\n}\npolicy q for shop/db in (one,two) {\n  allow from shop/web on 9/tcp\n}\n",
        "policy p for shop/cache {\n  allow to shop/db in (one, two) on 1/tcp\n}\npolicy q for shop/db in (one, two) {\n  allow from shop/web on 9/tcp\n}\n",
    ),
    // So is whether a rule has a line of its own.
    (
        "policy p for shop/cache { allow to shop/db on 1/tcp }\npolicy q for shop/db { allow from shop/web on 9/tcp }\n",
        "policy p for shop/cache { allow to shop/db on 1/tcp }\npolicy q for shop/db {\n allow from shop/web on 9/tcp }\n",
    ),
    // What an identity runs in is no longer used.
    (
        "clusters both = one, two\nidentity shop/x { in both ; match app = x }\n",
        "clusters both = one, two\nidentity shop/x { in one, two ; match app = x }\n",
    ),
    // Two identities have each other's labels, and labels of a new name.
    (
        "identity shop/x { match app = x }\nidentity shop/y { match app = y }\n",
        "identity shop/x { match app = y }\nidentity shop/y { match app = x }\n",
    ),
    (
        "identity shop/x { match app = x }\nidentity shop/y { match app = y }\n",
        "identity shop/x { match name = x and app not in (web, db, cache, batch, job, old-job) }\nidentity shop/y { match app = y and name = y }\n",
    ),
    // One of two shares pods with the other.
    (
        "identity shop/x { match app = x }\nidentity shop/y { match app = y }\n",
        "identity shop/x { match app = x }\nidentity shop/y { match app in (x, y) }\n",
    ),
    // What was waived is not found any more, and a rule has changed as well.
    (
        "identity shop/x { match app = x ; account x }\nservice shop/x {\n  waive FN0512 \"known\"\n  pods shop/x\n  port http 80 -> 8080/tcp\n}\npolicy x for shop/x { allow to shop/db on 1/tcp }\n",
        "identity shop/x { match app = x }\nservice shop/x {\n  waive FN0512 \"known\"\n  pods shop/x\n  port http 80 -> 8080/tcp\n}\npolicy x for shop/x { allow to shop/db on 2/tcp }\n",
    ),
    // Only the account tells two apart.
    (
        "identity shop/x { match app = x ; account x }\nidentity shop/y { match app = y ; account y }\nservice shop/x { pods shop/x ; port http 80 -> 8080/tcp }\n",
        "identity shop/x { match app = x ; account x }\nidentity shop/y { match app = x ; account y }\nservice shop/x { pods shop/x ; port http 80 -> 8080/tcp }\n",
    ),
    // It shares pods with another, and the pods of a group are others.
    ("identity shop/x { match app = x }\n", "identity shop/x { match app = web and tier = x }\n"),
    (
        "identity shop/x { match app = x }\ngroup x { where app = x }\npolicy x for x { deny to world }\n",
        "identity shop/x { match app = y }\ngroup x { where app = x }\npolicy x for x { deny to world }\n",
    ),
    // A port is another one, which a rule names.
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8081/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // The port that a rule names has another name.
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port http 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // The service is in front of other pods, whose port a rule names.
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/cache ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // A service more, and its export; one less, that is exported.
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\nservice shop/y { pods shop/x ; port web 81 -> 8080/tcp }\nexport shop/y to m\n",
    ),
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\nservice shop/y { pods shop/x ; port web 81 -> 8080/tcp }\nexport shop/y to m\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\nexport shop/y to m\n",
    ),
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\nexport shop/x to m\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // A rollout has no longer the step that a test speaks of.
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\nexport shop/x to m\ngateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/x { weight one = 0, two = 1 }\n}\nrollout r for gateway shop/g { step a { one = 1, two = 1 } }\ntest \"t\" { given step a\n  share shop/g -> shop/x one = 50%, two = 50% }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\nexport shop/x to m\ngateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/x { weight one = 0, two = 1 }\n}\nrollout r for gateway shop/g { step b { one = 1, two = 1 } }\ntest \"t\" { given step a\n  share shop/g -> shop/x one = 50%, two = 50% }\n",
    ),
    // A set is used for the first time, and for the last.
    (
        "clusters both = one, two\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "clusters both = one, two\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp ; at both { port web 81 -> 8080/tcp } }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    (
        "clusters both = one, two\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp ; at both { port web 81 -> 8080/tcp } }\npolicy x for shop/x { allow from shop/web on web }\n",
        "clusters both = one, two\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // A parameter is used for the first time; or it is used, and is wrong.
    (
        "param n = 81\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "param n = 81\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web $n -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    (
        "param n = \"local\"\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp ; labels { a = $n } }\npolicy x for shop/x { allow from shop/web on web }\n",
        "param n = \"local\"\nidentity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp ; labels { b = $n } }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // What is waived in a service is not found any more.
    (
        "identity shop/x { match app = x }\nservice shop/x { waive FN0512 \"known\" ; pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // A port of an identity is another one, or has another name, and rules name it.
    (
        "identity shop/x { match app = x ; port web 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x ; port web 8081/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    (
        "identity shop/x { match app = x ; port web 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x ; port http 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\n",
    ),
    // Who is far away has another port, or another answer, and a rule is `in local`.
    (
        "identity shop/x { in one ; match app = x }\nidentity shop/c { match app = c ; port http 8080/tcp }\nidentity shop/b { in two ; match app = b ; port http 9090/tcp }\ngroup g { shop/b, shop/c }\npolicy p for shop/x { allow to g in local on http }\npolicy q for shop/b { allow from shop/x on 9090/tcp }\n",
        "identity shop/x { in one ; match app = x }\nidentity shop/c { match app = c ; port http 8080/tcp }\nidentity shop/b { in two ; match app = b ; port http 9091/tcp }\ngroup g { shop/b, shop/c }\npolicy p for shop/x { allow to g in local on http }\npolicy q for shop/b { allow from shop/x on 9090/tcp }\n",
    ),
    (
        "identity shop/x { in one ; match app = x }\nidentity shop/c { match app = c ; port http 8080/tcp }\nidentity shop/b { in two ; match app = b ; port http 9090/tcp }\ngroup g { shop/b, shop/c }\npolicy p for shop/x { allow to g in local on http }\npolicy q for shop/b { allow from shop/x on 9090/tcp }\n",
        "identity shop/x { in one ; match app = x }\nidentity shop/c { match app = c ; port http 8080/tcp }\nidentity shop/b { in two ; match app = b ; port http 9090/tcp }\ngroup g { shop/b, shop/c }\npolicy p for shop/x { allow to g in local on http }\npolicy q for shop/b { allow from shop/x on 9091/tcp }\n",
    ),
    (
        "identity shop/x { in one ; match app = x }\nidentity shop/c { match app = c ; port http 8080/tcp }\nidentity shop/b { in two ; match app = b ; port http 9090/tcp }\ngroup g { shop/b, shop/c }\npolicy p for g { allow from shop/x in local on http }\npolicy q for shop/x { allow to shop/b on 9090/tcp }\n",
        "identity shop/x { in one ; match app = x }\nidentity shop/c { match app = c ; port http 8080/tcp }\nidentity shop/b { in two ; match app = b ; port http 9091/tcp }\ngroup g { shop/b, shop/c }\npolicy p for g { allow from shop/x in local on http }\npolicy q for shop/x { allow to shop/b on 9090/tcp }\n",
    ),
    // What `world`, gateways and look-ups come to elsewhere.
    (
        "identity shop/x { match app = x }\npolicy x for shop/x { deny to cloud-metadata }\npolicy y for shop/x {\n  allow to shop/db on 1/tcp\n}\n",
        "identity shop/x { match app = x }\npolicy x for shop/x { deny to cloud-metadata }\npolicy y for shop/x {\n  allow to shop/db on 1/tcp\n  allow to world\n}\n",
    ),
    (
        "identity shop/x { match app = x }\npolicy y for shop/x {\n  allow to shop/db on 1/tcp\n}\n",
        "identity shop/x { match app = x }\npolicy y for shop/x {\n  allow to shop/db on 1/tcp\n  allow to world\n}\n",
    ),
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\ngateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/x\n}\npolicy y for shop/x { allow from gateways on web }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8081/tcp }\ngateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/x\n}\npolicy y for shop/x { allow from gateways on web }\n",
    ),
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\ngateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/x\n}\npolicy y for shop/x { allow from gateways on 8080/tcp }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\ngateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/x\n}\npolicy y for shop/x { allow from gateways on 8081/tcp }\n",
    ),
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; type load-balancer ; external-traffic-policy cluster ; port web 80 -> 8080/tcp }\npolicy y for shop/x { allow from shop/web on web }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; type load-balancer ; external-traffic-policy cluster ; port web 80 -> 8080/tcp }\npolicy y for shop/x { allow from world on web }\n",
    ),
    // Services in another order: one is told for all.
    (
        "service shop/v { pods shop/batch ; port v 80 -> 8080/tcp }\nservice shop/w { pods shop/batch ; port w 81 -> 8080/tcp }\n",
        "service shop/w { pods shop/batch ; port w 81 -> 8080/tcp }\nservice shop/v { pods shop/batch ; port v 80 -> 8080/tcp }\n",
    ),
    // Of two identities that share pods the later is told: the one that was there, the one that is new, or both of those that were.
    (
        "identity shop/x { match app = x }\nidentity shop/y { match app = y }\n",
        "identity shop/new { match app in (x, y) }\nidentity shop/x { match app = x }\nidentity shop/y { match app = y }\n",
    ),
    ("identity shop/x { match app = x }\n", "identity shop/x { match app = x }\nidentity shop/new { match app = x }\n"),
    (
        "identity shop/x { match app in (x, z) }\nidentity shop/y { match app = y }\n",
        "identity shop/x { match app in (x, y) }\nidentity shop/y { match app = y }\n",
    ),
    // It shares pods with two, and is told of between them.
    (
        "identity shop/y { match app = y }\n",
        "identity shop/x { match app in (y, probe-2) }\nidentity shop/y { match app = y }\n",
    ),
    (
        "identity shop/y { match app = y }\n",
        "identity shop/x { match app in (y, cache) }\nidentity shop/y { match app = y }\n",
    ),
    // What was meant is new, too.
    (
        "identity shop/x { match app = x }\npolicy x for shop/x { allow to shop/db on 1/tcp }\n",
        "identity shop/x { match app = x }\nidentity shop/frontend { match app = frontend }\npolicy x for shop/x { allow to shop/frontnd on 1/tcp }\n",
    ),
    // What stands before something that cannot be read may go on there.
    (
        "namespace own { in one }\nnamespace other { in one }\nidentity other/x { match app = x }\nservice other/x { pods other/x ; port http 80/tcp }\n",
        "namespace own { in one }\nx\nnamespace other { in one }\nidentity other/x { match app = x }\nservice own/x { pods other/x ; port http 80/tcp }\n",
    ),
    (
        "namespace own { in one }\nnamespace other { in one }\nidentity other/x { match app = x }\nservice other/x { pods other/x ; port http 80/tcp }\n",
        "namespace own { in one }\nnamespace other\n{ in one }\nidentity other/x { match app = x }\nservice own/x { pods other/x ; port http 80/tcp }\n",
    ),
    // Something else has the name that cannot be one.
    (
        "gateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/job { weight one = 0, two = 1 }\n}\nrollout bad for gateway shop/g { step bad { one = 1, two = 1 } }\npolicy x for shop/job { allow from ops/probe on http }\n",
        "gateway shop/g { class cilium\n  listener web http 80\n  route \"/\" -> shop/job { weight one = 0, two = 1 }\n}\nrollout Bad for gateway shop/g { step Bad { one = 1, two = 1 } }\npolicy x for shop/job { allow from ops/probe on Bad }\n",
    ),
    // A service and a rule of the same file; nobody calls the one or the other.
    (
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 80 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\npolicy y for shop/x { allow to shop/db on 1/tcp }\n",
        "identity shop/x { match app = x }\nservice shop/x { pods shop/x ; port web 81 -> 8080/tcp }\npolicy x for shop/x { allow from shop/web on web }\npolicy y for shop/x { allow to shop/db on 2/tcp }\n",
    ),
];

#[test]
fn edits_that_change_what_stands_beside_them_are_found_as_by_a_whole_compilation() {
    let mut answered = 0;
    for (then, now) in CASES {
        let of = |text: &str| [SourceFile::new("p.fleetnet", text)].into_iter().chain(crowded()).collect::<Vec<_>>();
        let (before, again) = found(&of(then));
        let mut again = again.unwrap();
        let expected = found(&of(now)).0;
        if let Some(found) = again.findings(&Package(&of(now))) {
            assert_eq!(found, expected, "{now}");
            answered += 1;
        }
        assert_eq!(again.findings(&Package(&of(then))), Some(before), "{then}, as it was compiled");
    }
    assert!(answered > CASES.len() / 2, "{answered} of {} answered", CASES.len());
}

/// A file, what stands behind what is typed, what is typed, and after how many letters of it a whole compilation is needed.
type Typed = (&'static str, &'static str, &'static str, usize);

/// What somebody types, letter by letter, on a line of its own.
const TYPED: [Typed; 11] = [
    ("shop.fleetnet", "  allow from ops/probe on 8080", "  allow to shop/db, shop/cach in near on 22/tcp", 0),
    ("ops.fleetnet", "  allow to shop/db in one", "deny to dns \"*.example.com\" on 443/tcp", 0),
    ("ops.fleetnet", "  allow from all", "  allow from shop/web on 8080/tcp {\n    http GET \"/healthz\"\n  }", 0),
    // When it is written, it is another policy than there was.
    ("shop.fleetnet", "policy db for", "policy more for shop/cache in near {\n  deny to shop/db on sql\n}", 1),
    // There is one of this name.
    ("fleet.fleetnet", "policy wide", "policy web for shop/web {\n  deny to shop/db on 1-100/tcp\n}", 49),
    // A name without its namespace, a name that nothing has and may mean the new one, and all of it.
    ("shop.fleetnet", "policy db for", "identity shop/typed {\n  match app = typed\n  in one\n  port web 80/tcp\n}", 9),
    // Its policy speaks of it, or of something that it may be.
    (
        "shop.fleetnet",
        "external named",
        "identity shop/mine { match app = mine }\npolicy mine for shop/mine { deny to shop/db on 1/tcp }",
        46,
    ),
    ("labels.fleetnet", "port http 8081/tcp }", "match app = older\n  port more 9000/udp", 3),
    ("paths.fleetnet", "  port admin", "  port metrics 9100 -> http", 0),
    (
        "paths.fleetnet",
        "export shop/db",
        "service shop/cache {\n  pods shop/cache\n  port redis 6379/tcp\n}\nexport shop/cache to m",
        0,
    ),
    (
        "paths.fleetnet",
        "test \"shares\"",
        "test \"typed\" {\n  can shop/web -> shop/db on sql\n  cannot $nobody -> shop/db\n}",
        0,
    ),
];

#[test]
fn what_is_typed_is_found_letter_by_letter_as_by_a_whole_compilation() {
    let base = offering();
    let mut again = found(&base).1.unwrap();
    for (path, behind, typed, most) in TYPED {
        let file = base.iter().position(|file| &*file.path == path).unwrap();
        let (before, rest) = base[file].text.split_at(base[file].text.find(behind).unwrap());
        let mut unanswered = Vec::new();
        for end in 1..=typed.len() {
            let mut now = base.clone();
            now[file] = SourceFile::new(path, format!("{before}{}\n{rest}", &typed[..end]));
            let expected = found(&now).0;
            match again.findings(&Package(&now)) {
                Some(found) => assert_eq!(found, expected, "{}", now[file].text),
                None => unanswered.push(&typed[..end]),
            }
        }
        assert!(unanswered.len() <= most, "{} more than {most}: {unanswered:#?}", unanswered.len());
    }
}
