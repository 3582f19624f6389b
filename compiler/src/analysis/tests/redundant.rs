//! What is said to do nothing does nothing, and what is said to be missing makes flows pass: against the reference, on generated fleets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use fleetnet_lang::{Diagnostic, SourceFile, Sources, Span};

use super::brute;
use super::fleets::{self, Random};
use crate::check::check;
use crate::codes::namespaces::SUBJECT_NOT_GLOBAL;
use crate::codes::policy::{
    BEATEN_ALLOW, COVERED_RULE, HALF_OPEN, IDLE_ALLOW, IDLE_REQUESTS, REPEATED_RULE, UNKNOWN_PEER,
};
use crate::inventory::Inventory;
use crate::model::{Direction, Protocol, Request, RuleEnds, RuleId, Table, Transport, Verb};
use crate::plan::{Plan, Rule};
use crate::semantics::{Cause, Decision, End, Flow, Side, decide};
use crate::workers::Alone;

const FLEETS: u64 = 24;

/// The plan of a text and what is found of it.
fn checked(text: &str) -> (Plan, Vec<Diagnostic>) {
    let plan = brute::plan(text);
    let sources = Sources::new(vec![SourceFile::new("fleet.fleetnet", text)]);
    let found = check(&plan, &Inventory::default(), &sources, &Alone);
    (plan, found)
}

/// A plan without some written rules.
fn without(plan: &Plan, removed: &BTreeSet<RuleId>) -> Plan {
    let left: Vec<Rule> = plan.rules.rows().iter().filter(|rule| !removed.contains(&rule.source)).cloned().collect();
    Plan { rules: left.into(), ..plan.clone() }
}

/// A plan in which some written rules admit every request.
fn without_lists(plan: &Plan, named: &BTreeSet<RuleId>) -> Plan {
    let mut rules: Table<_, Rule> = plan.rules.clone();
    for index in plan.rules.ids().filter(|index| named.contains(&plan.rules[*index].source)) {
        rules[index].requests.clear();
    }
    Plan { rules, ..plan.clone() }
}

/// The flows that some rules may match, at a few ports, with and without requests.
fn flows(plan: &Plan, rules: &[&Rule]) -> Vec<Flow> {
    const PORTS: [u16; 6] = [53, 80, 85, 90, 150, 443];
    const REQUESTS: [(&str, &str); 3] = [("GET", "/a"), ("GET", "/a/b"), ("POST", "/a")];
    let (tcp, udp) = (Protocol::Transport(Transport::Tcp), Protocol::Transport(Transport::Udp));
    let mut asked: Vec<(Protocol, u16, Option<Request>)> = vec![(Protocol::IcmpV4, 8, None)];
    asked.extend(PORTS.iter().flat_map(|port| [(tcp, *port, None), (udp, *port, None)]));
    let request = |(method, path): (&str, &str)| Request { method: method.into(), path: path.into() };
    asked.extend(REQUESTS.map(request).map(|request| (tcp, 80, Some(request))));
    let ends = brute::ends(plan);
    let mut flows = Vec::new();
    for (source, destination) in ends.iter().flat_map(|source| ends.iter().map(move |other| (source, other))) {
        let near: Vec<&&Rule> = rules.iter().filter(|rule| is_about(rule, source, destination)).collect();
        for (protocol, port, request) in &asked {
            if brute::is_flow(source, destination) && near.iter().any(|rule| rule.ports.contains(*protocol, *port)) {
                let (source, destination, request) = (source.clone(), destination.clone(), request.clone());
                flows.push(Flow { source, destination, protocol: *protocol, port: *port, request });
            }
        }
    }
    flows
}

/// Whether the right end of a flow is a subject of a rule.
fn is_about(rule: &Rule, source: &End, destination: &End) -> bool {
    let own = match rule.direction {
        Direction::Ingress => destination,
        Direction::Egress => source,
    };
    matches!(own, End::Pod { identity, cluster, .. } if rule.is_about(*identity, *cluster))
}

/// More rules about the same few things, so that one often says what another does: some again, or again without their lists.
fn crowd(seed: u64) -> String {
    const SUBJECTS: [&str; 6] = ["a/x", "b/x", "b/z", "a/*", "all", "some"];
    const PLACES: [&str; 5] = ["", "", " in local", " in one", " in (one, two)"];
    const PODS: [(&str, &[&str]); 5] = [
        ("a/x", &["", " on 80/tcp", " on main", " on 80-90/tcp", " on 80/tcp, 81-90/tcp"]),
        ("b/z", &["", " on 80/tcp", " on main"]),
        ("some", &[" on 80/tcp", " on main", " on tcp"]),
        ("a/*", &["", " on 80/tcp"]),
        ("all", &["", " on 80/tcp"]),
    ];
    const OTHERS: [&str; 5] =
        ["world", "cidr 203.0.113.0/24", "cidr 203.0.113.0/25, cidr 203.0.113.128/25", "foreign", "cloud-metadata"];
    const REQUESTS: [&str; 5] =
        ["", r#" { GET "/a" }"#, r#" { GET "/a/**" }"#, r#" { * "/**" }"#, r#" { GET "/a" ; POST "/a" }"#];
    let random = &mut Random::new(seed + 1000);
    let mut text = fleets::fleet(seed).replace("  default allow\n", "  default deny\n").replace(" ; default allow", "");
    for number in 0..9 {
        let (verb, subject) = (random.of(&["allow", "allow", "allow", "deny"]), random.of(&SUBJECTS));
        let (pods, ports) = PODS[random.below(PODS.len())];
        let peer =
            if random.chance(75) { format!("{pods}{}", random.of(&PLACES)) } else { random.of(&OTHERS).to_owned() };
        let ports =
            if peer.starts_with(pods) { random.of(ports) } else { random.of(&["", " on 80/tcp", " on 80-90/tcp"]) };
        let lists: &[&'static str] =
            if verb == "allow" && !["", " on tcp"].contains(&ports) { &REQUESTS } else { &[""] };
        let list = random.of(lists);
        let rule = match random.below(3) {
            0 => format!("{{ {verb} {subject} -> {peer}{ports}"),
            1 if ports != " on main" => format!("for {subject} {{ {verb} from {peer}{ports}"),
            _ => format!("for {subject} {{ {verb} to {peer}{ports}"),
        };
        writeln!(text, "policy c{number} {rule}{list} }}").unwrap();
        if random.chance(30) {
            writeln!(text, "policy d{number} {rule}{} }}", random.of(&[list, ""])).unwrap();
        }
    }
    text
}

/// The written rule that a finding is about.
fn rule_at(plan: &Plan, found: &Diagnostic) -> RuleId {
    let mut rules = plan.model.rules.iter();
    rules.find(|(_, rule)| rule.span.start <= found.span.start && found.span.end <= rule.span.end).unwrap().0
}

#[test]
fn rules_that_are_said_to_do_nothing_do_nothing() {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for seed in 0..FLEETS {
        let text = crowd(seed);
        let (plan, found) = checked(&text);
        let kinds = [REPEATED_RULE, COVERED_RULE, BEATEN_ALLOW, IDLE_ALLOW, IDLE_REQUESTS];
        let named = found.iter().filter(|found| kinds.contains(&found.code));
        let named: Vec<(u16, RuleId)> = named.map(|found| (found.code.number, rule_at(&plan, found))).collect();
        let lists = named.iter().filter(|(code, _)| *code == IDLE_REQUESTS.number).map(|(_, rule)| *rule);
        let mut variants: Vec<(String, Plan)> = Vec::new();
        for (code, rule) in &named {
            *counts.entry(*code).or_default() += 1;
            variants.push((format!("{code} alone"), without(&plan, &BTreeSet::from([*rule]))));
        }
        variants.push(("all".to_owned(), without(&plan, &named.iter().map(|(_, rule)| *rule).collect())));
        variants.push(("lists".to_owned(), without_lists(&plan, &lists.collect())));
        let touched = |rule: &&Rule| named.iter().any(|(_, named)| rule.source == *named);
        let touched: Vec<&Rule> = plan.rules.rows().iter().filter(touched).collect();
        for flow in &flows(&plan, &touched) {
            let expected = decide(&plan, flow).passes();
            for (name, variant) in &variants {
                assert_eq!(
                    decide(variant, flow).passes(),
                    expected,
                    "seed {seed}, {name}: {flow:?}\n{text}\n{found:#?}"
                );
            }
        }
    }
    assert!(counts.len() == 5 && counts.values().all(|count| *count >= 3), "too little variety: {counts:?}");
}

/// One-ended rules between identities, on ports that are written by number or name.
fn halves(seed: u64) -> String {
    const PODS: [&str; 3] = ["a/x", "b/x", "b/z"];
    const PLACES: [&str; 6] = ["", "", "", " in one", " in two", " in (one, two)"];
    const PEER_PLACES: [&str; 6] = ["", "", "", " in local", " in one", " in (one, two)"];
    const PORTS: [&str; 5] =
        [" on 80/tcp", " on main", " on 80-90/tcp", " on 53/udp, 80/tcp", " on 80/tcp, icmp echo-request"];
    let random = &mut Random::new(seed + 2000);
    let text = fleets::fleet(seed);
    // A half stands alone more often without the other rules.
    let end = text.find(if seed.is_multiple_of(2) { "test \"" } else { "policy" }).unwrap();
    let mut text = text.get(..end).unwrap().replacen("  default allow\n", "  default deny\n", 1);
    for number in 0..6 {
        let (subject, place) = (random.of(&PODS), random.of(&PLACES));
        let (peer, peer_place) = (random.of(&PODS), random.of(&PEER_PLACES));
        let (verb, way, ports) =
            (random.of(&["allow", "allow", "allow", "deny"]), random.of(&["from", "to"]), random.of(&PORTS));
        writeln!(text, "policy h{number} for {subject}{place} {{ {verb} {way} {peer}{peer_place}{ports} }}").unwrap();
    }
    text
}

/// A flow that one side lets pass by a one-ended rule and the other side's default does not, and the rule.
fn half_open(plan: &Plan, flow: &Flow) -> Vec<RuleId> {
    let verdict = decide(plan, flow);
    let (Side::Governed(egress), Side::Governed(ingress)) = (&verdict.egress, &verdict.ingress) else {
        return Vec::new();
    };
    let by = match (egress, ingress) {
        (Decision::Allowed { by, .. }, Decision::Default(default))
        | (Decision::Default(default), Decision::Allowed { by, .. })
            if default.value == Verb::Deny =>
        {
            by
        }
        _ => return Vec::new(),
    };
    let rules = by.iter().filter_map(|cause| match cause {
        Cause::Rule(index) => Some(plan.rules[*index].source),
        Cause::HostToOwnPods | Cause::LookUps => None,
    });
    let one_ended = |rule: &RuleId| matches!(plan.model.rules[*rule].ends, RuleEnds::OneEnded { .. });
    rules.filter(one_ended).collect()
}

/// Rules of the policies that [`halves`] adds.
fn is_half(plan: &Plan, rule: RuleId) -> bool {
    plan.model.policies[plan.model.rules[rule].policy].name.value.as_str().starts_with('h')
}

#[test]
fn flows_of_which_half_is_allowed_are_reported_and_their_fixes_let_them_pass() {
    let (mut reported, mut mended) = (0, 0);
    for seed in 0..FLEETS {
        let text = halves(seed);
        let (plan, found) = checked(&text);
        let mut open: BTreeMap<RuleId, Vec<Flow>> = BTreeMap::new();
        let halves: Vec<&Rule> = plan.rules.rows().iter().filter(|rule| is_half(&plan, rule.source)).collect();
        for flow in flows(&plan, &halves).into_iter().filter(|flow| flow.request.is_none()) {
            for rule in half_open(&plan, &flow).into_iter().filter(|rule| is_half(&plan, *rule)) {
                open.entry(rule).or_default().push(flow.clone());
            }
        }
        for (rule, flows) in &open {
            let span = plan.model.rules[*rule].span;
            let says = |found: &&Diagnostic| {
                let inside = |inner: Span| span.start <= inner.start && inner.end <= span.end;
                let kinds = [HALF_OPEN, UNKNOWN_PEER, SUBJECT_NOT_GLOBAL, REPEATED_RULE, COVERED_RULE, BEATEN_ALLOW];
                inside(found.span) && kinds.contains(&found.code)
            };
            let Some(saying) = found.iter().find(says) else {
                panic!("seed {seed}: nothing is said of {:?}\n{text}\n{found:#?}", flows[0]);
            };
            reported += 1;
            let half = found.iter().find(|found| found.code == HALF_OPEN && found.span == span);
            let Some(fix) = half.and_then(|half| half.fix.as_ref()) else { continue };
            let mut fixed = text.clone();
            fixed.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let (fixed_plan, _) = checked(&fixed);
            // What the other side cannot know is said by another finding.
            for flow in
                flows.iter().filter(|flow| super::super::reach::is_known(&plan, &flow.source, &flow.destination))
            {
                assert!(decide(&fixed_plan, flow).passes(), "seed {seed}, {saying:#?}: {flow:?}\n{text}");
                mended += 1;
            }
        }
        for half in found.iter().filter(|found| found.code == HALF_OPEN && is_half(&plan, rule_at(&plan, found))) {
            assert!(open.contains_key(&rule_at(&plan, half)), "seed {seed}: no flow is half open: {half:#?}\n{text}");
        }
    }
    assert!(reported > 20 && mended > 100, "too little variety: {reported} {mended}");
}
