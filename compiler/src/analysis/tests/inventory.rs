//! What is counted with the pods and nodes that an inventory lists.

use std::fmt::Write as _;

use fleetnet_lang::{FileId, SourceFile};

use super::plan;
use crate::analysis::capacity::{Certainty, Needed, People, Room, needed, policy_maps};
use crate::inventory::Inventory;
use crate::plan::Plan;

const FLEET: &str = r#"
fleet spec { target cilium ; default deny ; limits { policy-map 256 } }
cluster east { id 1 ; pods 10.1.0.0/16, fd00:1::/56 ; nodes 10.9.1.0/24 ; cilium "1.19.4" ; clustermesh "m.example:2379" }
cluster west { id 2 ; pods 10.2.0.0/16, fd00:2::/56 ; nodes 10.9.2.0/24 ; cilium "1.19.4" ; clustermesh "m.example:2379" }
mesh pair { members east, west ; forget-lost-after 5m }
namespace shop { in east, west ; global in pair }
namespace back { in west }
identity shop/web { match app = web ; in east }
identity shop/api { match app = api }
identity back/db { match app = db }
service shop/api { pods shop/api ; type node-port ; port http 80/tcp ; port more 81/tcp }
policy web for shop/web { allow from shop/api on 1-65534/tcp }
"#;

/// Eight releases of the API in each cluster.
fn inventory() -> String {
    let mut text = "version = 1\n".to_owned();
    for (cluster, nodes) in [("east", 3), ("west", 4)] {
        writeln!(text, "[clusters.{cluster}]\nnodes = {nodes}").unwrap();
        for release in 0..8 {
            text += &pods(cluster, "shop", &format!("app = \"api\", release = \"r{release}\""), 5);
        }
        text += &pods(cluster, "kube-system", "k8s-app = \"kube-dns\"", 2);
    }
    text += &pods("east", "shop", "app = \"web\"", 10);
    // Nobody's: the identity is one of the other cluster.
    text += &pods("west", "shop", "app = \"web\"", 1);
    text + &pods("west", "back", "app = \"db\"", 7)
}

fn pods(cluster: &str, namespace: &str, labels: &str, count: usize) -> String {
    format!("[[clusters.{cluster}.pods]]\nnamespace = \"{namespace}\"\nlabels = {{ {labels} }}\ncount = {count}\n")
}

fn read(plan: &Plan, text: &str) -> (Inventory, Vec<String>) {
    let (inventory, found) = Inventory::read(FileId(9), &SourceFile::new("inventory.toml", text), &plan.model);
    let shown = |found: &fleetnet_lang::Diagnostic| {
        let span = found.span.start as usize..found.span.end as usize;
        let marked = text.get(span).and_then(|text| text.lines().next()).unwrap_or_default();
        format!("{} «{marked}» {}", found.code, found.message)
    };
    (inventory, found.iter().map(shown).collect())
}

fn listed() -> (Plan, Inventory) {
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET)]);
    let (inventory, found) = read(&plan, &inventory());
    assert_eq!(found, [""; 0]);
    (plan, inventory)
}

#[test]
fn a_policy_map_has_an_entry_for_each_set_of_labels() {
    let (plan, inventory) = listed();
    assert_eq!(
        policy_maps(&plan, &People::of(&plan, &Inventory::default())).full,
        [],
        "two numbers, as far as is known"
    );
    let full = policy_maps(&plan, &People::of(&plan, &inventory)).full;
    let [map] = &full[..] else { panic!("{full:?}") };
    // Eight sets in each cluster, thirty blocks of ports, the own node and look-ups.
    assert_eq!((map.entries, map.certainty), (2 * 8 * 30 + 3, Certainty::Exact));
    assert_eq!(map.costs.iter().map(|(_, cost)| *cost).collect::<Vec<_>>(), [2 * 8 * 30]);
    assert_eq!(plan.model.identity_name(map.identity), "shop/web");
}

#[test]
fn what_is_not_listed_or_learned_at_run_time_comes_on_top() {
    let (plan, inventory) = listed();
    let certainty =
        |plan: &Plan, inventory: &Inventory| policy_maps(plan, &People::of(plan, inventory)).full[0].certainty;
    let text = inventory_of_east();
    let (half, found) = read(&plan, &text);
    assert_eq!(found, [""; 0]);
    let [map] = &policy_maps(&plan, &People::of(&plan, &half)).full[..] else { panic!("nine sets are enough") };
    assert_eq!((map.entries, map.certainty), (9 * 30 + 3, Certainty::AtLeast));
    for (from, to) in [
        ("policy web for shop/web {", "policy web for shop/web { allow to dns \"a.example.com\" on 443/tcp ;"),
        (" ; cilium \"1.19.4\"", ""),
    ] {
        let (_, other) = super::plan(&[("fleet.fleetnet", &FLEET.replace(from, to))]);
        assert_eq!(certainty(&other, &inventory), Certainty::AtLeast, "{from}");
    }
}

fn inventory_of_east() -> String {
    let all = inventory();
    all.split("[clusters.west]").next().unwrap().to_owned() + &pods("east", "shop", "app = \"web\"", 10)
}

#[test]
fn rooms_are_counted_with_what_is_listed() {
    let (plan, inventory) = listed();
    let counts = |room| needed(&plan, room, &People::of(&plan, &inventory)).rows().to_vec();
    let exact = |count| Needed { count, certainty: Certainty::Exact };
    let at_least = |count| Needed { count, certainty: Certainty::AtLeast };
    // Eight sets of the API's, the DNS pods, in the east the web's; in the west the database's and a web pod that is unlisted.
    assert_eq!(counts(Room::Identities), [exact(10), exact(11)]);
    assert_eq!(counts(Room::Nodes), [exact(7), exact(7)]);
    // Two ports, each on two ways in and with forty pods behind it.
    assert_eq!(counts(Room::Services), [at_least(2 * 42), at_least(2 * 42)]);
    // Two addresses a pod, one a node. The east knows its own and the west's of the shop, the west its own and the east's.
    let east = 2 * (40 + 2 + 10) + 3;
    let west = 2 * (40 + 2 + 1 + 7) + 4;
    assert_eq!(counts(Room::Addresses), [at_least(east + 2 * 41 + 4), at_least(west + 2 * 50 + 3)]);
}

#[test]
fn what_is_wrong_in_an_inventory_is_named_where_it_stands() {
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET)]);
    let check = |text: &str, expected: &str| {
        let (inventory, found) = read(&plan, text);
        assert_eq!(inventory, Inventory::default());
        assert!(found.len() == 1 && found[0].contains(expected), "{expected}: {found:?}");
    };
    check("version = 2\n", "FN0975 «2» the inventory has version 2");
    check("version = 1\n[clusters.nort]\nnodes = 1\n", "FN0975 «nort» there is no cluster `nort`");
    check("version = 1\n[clusters.east]\n", "missing field `nodes`");
    check(
        "version = 1\n[clusters.east]\nnodes = 1\npod = 3\n",
        "FN0975 «pod» the inventory cannot be read: unknown field `pod`",
    );
    check("version = 1\n[clusters.east]\nnodes = -1\n", "FN0975 «-1» the inventory cannot be read");
    let web = pods("east", "shop", "app = \"web\"", 1);
    let of = |pods: &str| format!("version = 1\n[clusters.east]\nnodes = 1\n{pods}");
    check(&of(&format!("{web}{web}")), "these pods are listed twice");
    check(&of(&web.replace("count = 1", "count = 0")), "no pods are nothing to list");
    check("version = 1\n<<<<<<< ours\n", "FN0975");
    assert_eq!(read(&plan, "version = 1\n").1, [""; 0]);
}
