//! Whatever stands in a package without errors is part of what it means: nothing is left out without a word.

use std::collections::BTreeMap;

use fleetnet_compiler::model::Model;
use fleetnet_lang::ast::{AstNode, Declaration, PolicyStmt};
use fleetnet_lang::{FileId, SourceFile, SyntaxKind, parse};

/// Compares how often a declaration of each kind, and rules, are written and meant. Waives and the fleet aside, as there is one of it.
pub fn all_is_meant(files: &[SourceFile], model: &Model) {
    let mut written: BTreeMap<SyntaxKind, usize> = BTreeMap::new();
    for file in files {
        let parse = parse(FileId(0), &file.text);
        for declaration in parse.file().into_iter().flat_map(|root| root.declarations()) {
            *written.entry(declaration.syntax().kind()).or_default() += 1;
            if let Declaration::Policy(policy) = declaration {
                let rules = policy.statements().filter(|statement| matches!(statement, PolicyStmt::Rule(_))).count();
                *written.entry(SyntaxKind::Rule).or_default() += rules;
            }
        }
    }
    let declared = |identity: &&fleetnet_compiler::model::Identity| identity.pods.conjunctions().is_some();
    let meant = [
        (SyntaxKind::Cluster, model.clusters.rows().len()),
        (SyntaxKind::Clusters, model.sets.len()),
        (SyntaxKind::Mesh, model.meshes.rows().len()),
        (SyntaxKind::Namespace, model.namespaces.rows().len()),
        (SyntaxKind::Identity, model.identities.rows().iter().filter(declared).count()),
        (SyntaxKind::Group, model.groups.rows().len()),
        (SyntaxKind::External, model.externals.rows().len()),
        (SyntaxKind::Service, model.services.rows().len()),
        (SyntaxKind::Export, model.exports.len()),
        (SyntaxKind::Balance, model.balances.len()),
        (SyntaxKind::Entry, model.entries.len()),
        (SyntaxKind::Gateway, model.gateways.len()),
        (SyntaxKind::Policy, model.policies.rows().len()),
        (SyntaxKind::Rule, model.rules.rows().len()),
        (SyntaxKind::Test, model.tests.len()),
        (SyntaxKind::Invariant, model.invariants.len()),
        (SyntaxKind::Rollout, model.rollouts.len()),
    ];
    for (kind, meant) in meant {
        assert_eq!(written.get(&kind).copied().unwrap_or_default(), meant, "{kind:?} that are written and meant");
    }
}

#[cfg(test)]
mod tests {
    use crate::{FILE_END, Input, check_any};

    /// Something of nearly every kind.
    const FLEET: &str = "fleet f { target cilium ; target gateway-api ; default deny }
cluster one { id 1 ; cilium-name \"one\" ; region r ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium \"1.18.0\" ; clustermesh \"one.example:2379\" }
cluster two { id 2 ; cilium-name \"two\" ; region r ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium \"1.18.0\" ; clustermesh \"two.example:2379\" }
mesh m { members one, two }
clusters near = one, two
param place = one
namespace shop { in near ; global in m }
identity shop/web { match app = web ; port http 8080/tcp }
identity shop/db { match app = db ; port sql 5432/tcp }
identity shop/cache { in $place ; match app = cache }
group data { shop/db, shop/cache }
external api { dns \"api.example.com\" }
service shop/web { pods shop/web ; port http 80 -> 8080/tcp ; at two { type load-balancer } }
export shop/web to m
balance shop/web on one
gateway shop/edge { class cilium ; listener web http 80 ; route \"/\" -> shop/web { weight one = 1, two = 1 } }
rollout move for gateway shop/edge { step first { one = 1, two = 0 } }
policy web for shop/web { allow from gateways on http ; allow to data on any ; allow to api on 443/tcp ; deny to shop/cache on 22/tcp }
policy db for shop/db { allow from shop/web on any ; deny from shop/* in near on sql }
test \"shares\" { share shop/edge -> shop/web one = 50%, two = 50% }
test \"step\" { given step first ; share shop/edge -> shop/web one = 100%, two = 0% }
";

    /// Names that something gets in it.
    const NAMES: [&str; 15] = [
        "one",
        "m",
        "near",
        "place",
        "shop",
        "shop/web",
        "shop/db",
        "http",
        "sql",
        "data",
        "api",
        "shop/edge",
        "move",
        "first",
        "db",
    ];

    /// What comes in their place: names of a wrong form above all, which are told where they are given.
    const OTHERS: [&str; 8] = ["Bad", "Bad", "Bad", "shop/Bad", "Bad/web", "$place", "unlisted", "http"];

    /// Where a name is another.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Where {
        First,
        Last,
        Everywhere,
    }

    fn is_separator(c: char) -> bool {
        c.is_whitespace() || "{},;".contains(c)
    }

    fn exchanged(text: &str, (name, other, place): (&str, &str, Where)) -> String {
        let parts: Vec<&str> = text.split_inclusive(is_separator).collect();
        let is_name = |part: &&str| part.trim_end_matches(is_separator) == name;
        let first = parts.iter().position(is_name);
        let last = parts.iter().rposition(is_name);
        let is_other = |at: usize| match place {
            Where::First => first == Some(at),
            Where::Last => last == Some(at),
            Where::Everywhere => true,
        };
        let words = parts.iter().enumerate().map(|(at, part)| {
            if is_name(part) && is_other(at) { part.replacen(name, other, 1) } else { (*part).to_owned() }
        });
        words.collect()
    }

    #[test]
    fn whatever_names_are_exchanged() {
        let mut state: u64 = 5;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap_or_default() % limit
        };
        let is_sound = |input: &str| check_any(input.as_bytes()) == Input::Accepted;
        assert!(is_sound(FLEET), "the fleet is sound");
        let mut sound = 0;
        for _ in 0..3000 {
            let other = OTHERS[below(OTHERS.len())];
            let text = (0..=below(5)).fold(FLEET.to_owned(), |text, _| {
                let place = [Where::First, Where::Last, Where::Everywhere][below(3)];
                exchanged(&text, (NAMES[below(NAMES.len())], other, place))
            });
            let text = text.replacen("\nservice", &format!("\n{FILE_END}service"), 1);
            sound += usize::from(is_sound(&text));
        }
        assert!(sound > 20, "{sound} sound");
    }
}
