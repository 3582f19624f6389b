//! What maps need, against what is written by hand and against what the engine puts into them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use fleetnet_abi::abi::Abi;
use fleetnet_lang::Sources;

use super::plan;
use crate::analysis::capacity::{
    self, Bounds, Certainty, Fill, People, Room, fill, fill_of, fullest_maps, policy_maps, policy_maps_within,
};
use crate::codes::image::BROKEN_IMAGE;
use crate::image::content::{
    IdentityRows, PolicyMap, Population, Universe, Unnamed, entries, images, rules_behind, wanted,
};
use crate::inventory::Inventory;
use crate::lock::{Lock, Wanted};
use crate::model::{ClusterId, Id};
use crate::plan::Plan;

const FLEET: &str = r#"
fleet spec { target cilium ; default deny }
cluster east { id 1 ; pods 10.1.0.0/16, fd00:1::/56 ; nodes 10.9.1.0/24 ; cilium "1.18.0" ; clustermesh "m.example:2379" }
cluster west { id 2 ; pods 10.2.0.0/16, fd00:2::/56 ; nodes 10.9.2.0/24 ; cilium "1.18.0" ; clustermesh "m.example:2379" }
mesh pair { members east, west ; forget-lost-after 5m }
namespace shop { in east, west ; global in pair }
"#;

fn universe(plan: &Plan, cluster: ClusterId) -> Universe {
    Unnamed::new(plan, &Population::assumed(&plan.model)).universe(cluster)
}

fn needed(plan: &Plan, room: Room) -> Vec<usize> {
    capacity::needed(plan, room, &People::of(plan, &Inventory::default()))
        .rows()
        .iter()
        .map(|needed| needed.count)
        .collect()
}

#[test]
fn a_map_is_nearly_full_from_four_fifths_on() {
    let fills = [79, 80, 100, 101].map(|needed| fill(needed, 100));
    assert_eq!(fills, [None, Some(Fill::Nearly), Some(Fill::Nearly), Some(Fill::Over)]);
}

const SHOP: &str = r#"
identity shop/web { match app = web }
identity shop/api { match app = api }
external office { cidr 203.0.113.0/24 except 203.0.113.128/25 ; cidr 2001:db8::/32 ; pods logs where app = x }
policy web for shop/web {
  allow from world on 1-65534/tcp
  allow from shop/api on 80/tcp, 8000-8100/tcp { GET "/a" }
  allow from shop/* on 443/tcp, icmp
  deny from office on 1-1023/tcp
  allow to office, foreign, kube-apiserver, remote-nodes, gateways on tcp
  deny to cloud-metadata
  allow to dns "a.example.com" on 443/tcp
}
policy api for shop/api { allow from all ; allow from host, remote-nodes ; allow to cidr 0.0.0.0/0 on 7-9000/udp ; allow to world }
"#;

#[test]
fn no_map_has_more_entries_than_its_rules_can_make() {
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET), ("shop.fleetnet", SHOP)]);
    let lock = Lock::default().allocate(&wanted(&plan.model)).unwrap();
    let population = Population::assumed(&plan.model);
    let mut bounds = Bounds::new(&plan, &population);
    let each = Bounds::new(&plan, &population).of_each();
    for cluster in plan.model.clusters.ids() {
        let universe = Universe::new(&plan, &lock, cluster).unwrap();
        for id in plan.model.identities.ids() {
            let (bound, here) = (bounds.of_identity(id), bounds.of_identity_in(id, cluster));
            let who = plan.model.identity_name(id);
            assert_eq!(bound, each[id], "{who}");
            for release in Abi::ALL {
                let exact = rules_behind(&plan, &universe, id, release).len();
                assert!(exact <= here && here <= bound, "{who} takes {exact}, and its bounds are {here} and {bound}");
            }
        }
    }
}

/// Single ports with requests of their own cut a wide range into many pieces.
#[test]
fn ports_that_requests_cut_are_within_the_bound() {
    let mut shop =
        "identity shop/web { match app = web }\nidentity shop/api { match app = api }\npolicy web for shop/web {\n  \
                    allow from shop/api, shop/unlisted on 1-65534/tcp { GET \"/**\" }\n"
            .to_owned();
    for port in (100..60_000).step_by(5_431) {
        let _ = writeln!(shop, "  allow from shop/api on {port}/tcp {{ POST \"/{port}\" }}");
    }
    shop.push_str("}\n");
    let fleet = FLEET.replace("default deny", "default deny ; limits { policy-map 256 }");
    let (_, plan) = plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", &shop)]);
    let web = plan.model.identities.iter().find(|(_, row)| row.name.value.as_str() == "web").map(|(id, _)| id).unwrap();
    let cluster = plan.model.clusters.ids().next().unwrap();
    let exact = entries(&plan, &universe(&plan, cluster), web).len();
    let population = Population::assumed(&plan.model);
    let mut bounds = Bounds::new(&plan, &population);
    assert!(exact <= bounds.of_identity_in(web, cluster) && exact > 256, "{exact}");
    assert!(bounds.of_identity_in(web, cluster) <= bounds.of_identity(web));
    assert!(
        policy_maps(&plan, &People::of(&plan, &Inventory::default()))
            .full
            .iter()
            .any(|map| map.identity == web && map.entries == exact),
        "{exact}"
    );
}

/// No program leads there, so a plan is made wrong that had nothing wrong with it.
#[test]
fn entries_that_make_no_image_are_told_for_each_cluster() {
    let fleet = FLEET.replace("target cilium", "target cilium ; target bpf");
    let (sources, mut plan) = plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", SHOP)]);
    let lock = Lock::default().allocate(&wanted(&plan.model)).unwrap();
    plan.model.fleet.policy_map = 1;
    let (made, found) = images(&plan, &lock, &sources, &crate::workers::Alone);
    let told: Vec<_> = found.iter().map(|found| (found.code, sources.text(found.span))).collect();
    assert_eq!((made.len(), told), (0, ["east", "west"].map(|cluster| (BROKEN_IMAGE, cluster)).to_vec()));
}

#[test]
fn what_is_counted_is_what_images_hold() {
    let fleet = FLEET.replace("target cilium", "target cilium ; target bpf");
    let (sources, plan) = plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", SHOP)]);
    let lock = Lock::default().allocate(&wanted(&plan.model)).unwrap();
    let (made, found) = images(&plan, &lock, &sources, &crate::workers::Alone);
    assert!(found.is_empty() && made.len() == 2, "{found:?}");
    let everybody = IdentityRows::new(&plan, &lock);
    let prefixes = needed(&plan, Room::Addresses);
    for image in made {
        let named = Universe::of(&everybody, image.cluster).unwrap();
        let universe = universe(&plan, image.cluster);
        assert_eq!(universe.pods.keys().collect::<Vec<_>>(), named.pods.keys().collect::<Vec<_>>());
        let ids = plan.model.identities.ids().filter(|id| plan.model.identities[*id].clusters.contains(image.cluster));
        let mut counted: Vec<usize> = ids.map(|id| entries(&plan, &universe, id).len()).collect();
        counted.push(prefixes[image.cluster.index()]);
        let mut held: Vec<usize> = image.image.sections().iter().map(crate::image::section::Section::len).collect();
        counted.sort_unstable();
        held.sort_unstable();
        assert_eq!(counted, held);
    }
}

/// The entries of one identity's map in the first cluster, release by release.
fn by_release(fleet: &str, text: &str, who: &str) -> [usize; 3] {
    let (_, plan) = plan(&[("fleet.fleetnet", fleet), ("shop.fleetnet", text)]);
    let id = plan.model.identities.ids().find(|id| plan.model.identity_name(*id) == who).unwrap();
    let universe = universe(&plan, plan.model.clusters.ids().next().unwrap());
    Abi::ALL.map(|release| PolicyMap::of(&plan, &universe, id, release).entries)
}

#[test]
fn what_is_said_of_the_world_is_not_repeated_for_its_prefixes_from_1_20_on() {
    let text = r"
identity shop/web { match app = web }
policy web for shop/web {
  allow to world on 443/tcp
  allow to cidr 203.0.113.0/24, cidr 192.0.2.0/24, cidr 198.18.0.0/15 on 443/tcp, 80/tcp
  deny to cidr 198.51.100.0/24 on 443/tcp
  deny to world on 25/tcp
}
";
    // The node, two look-ups; the world's three numbers, and for the four prefixes mail, 443 and for three of them 80.
    let before = 1 + 2 + 2 * 3 + 4 + 4 + 3;
    // The world's four numbers; of the prefixes what is said of them alone.
    let since = 1 + 2 + 2 * 4 + 3 + 1;
    assert_eq!(by_release(FLEET, text, "shop/web"), [before, before, since]);
}

#[test]
fn any_peer_is_five_numbers_from_1_20_on() {
    let fleet = FLEET.replace("default deny", "default allow");
    let text = "identity shop/web { match app = web }\npolicy web for shop/web { deny from remote-nodes on 22/tcp }\n";
    // Both directions are open; the node is let in by itself until 1.19. Other nodes are two numbers, then three.
    assert_eq!(by_release(&fleet, text, "shop/web"), [1 + 1 + 1 + 2, 1 + 1 + 1 + 2, 5 + 5 + 3]);
}

/// Twenty identities that all may call each other on as many ports as make thirty entries.
fn crowd() -> Plan {
    crowd_in(FLEET)
}

fn crowd_in(fleet: &str) -> Plan {
    let mut text = String::new();
    for number in 0..20 {
        writeln!(text, "identity shop/w{number:02} {{ match app = w{number} ; in east }}").unwrap();
    }
    text += "policy crowd for shop/* { allow from shop/* on 1-65534/tcp }\n";
    let fleet = fleet.replace("default deny", "default deny ; limits { policy-map 256 }");
    plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", &text)]).1
}

#[test]
fn the_fullest_map_of_each_identity_is_counted() {
    let plan = crowd();
    let counted = policy_maps(&plan, &People::of(&plan, &Inventory::default()));
    // Everybody of both clusters is twenty-two, unlisted pods among them; the pod's own node comes on top.
    let entries: Vec<usize> = counted.full.iter().map(|map| map.entries).collect();
    assert_eq!(entries[..20], [22 * 30 + 3; 20]);
    assert_eq!(counted.full[0].costs.iter().map(|(_, cost)| *cost).collect::<Vec<_>>(), [22 * 30]);
    assert!(counted.left.is_empty());
}

#[test]
fn the_map_of_one_identity_is_counted_however_full() {
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET), ("shop.fleetnet", SHOP)]);
    assert_eq!(policy_maps(&plan, &People::of(&plan, &Inventory::default())).full, []);
    let ids: Vec<_> = plan.model.identities.ids().filter(|id| plan.model.identity_name(*id) == "shop/web").collect();
    let maps = fullest_maps(&plan, &ids.iter().copied().collect(), 100_000);
    let [map] = &maps[..] else { panic!("{maps:?}") };
    let universe = universe(&plan, map.cluster);
    assert_eq!((map.identity, map.entries), (ids[0], entries(&plan, &universe, ids[0]).len()));
    assert!(map.entries > 20 && map.costs.len() > 3, "{map:?}");
    assert_eq!(fullest_maps(&plan, &ids.iter().copied().collect(), 10), []);
}

#[test]
fn a_check_counts_only_so_many_maps_and_says_whose_are_left() {
    let plan = crowd();
    let counted = policy_maps_within(&plan, &People::of(&plan, &Inventory::default()), 5 * 700);
    // Unlisted pods are in two clusters.
    assert_eq!((counted.full.len(), counted.left.len()), (4, 17));
    assert!(counted.full.iter().all(|map| !counted.left.contains(&map.identity)));
    // Of a release that nobody says every map is filled twice: 1.18 and 1.19 make the same keys.
    let unsaid = crowd_in(&FLEET.replace("cilium \"1.18.0\" ; ", ""));
    let of = |most| policy_maps_within(&unsaid, &People::of(&unsaid, &Inventory::default()), most);
    assert_eq!((of(2 * 5 * 700).full, of(2 * 5 * 700).left), (counted.full, counted.left));
    assert_eq!((of(5 * 700).full.len(), of(5 * 700).left.len()), (1, 20));
}

/// A fleet whose clusters have this release, if any, and where one map holds what is said of the world and of prefixes in it.
fn outward(version: &str, rules: &str) -> (Sources, Plan) {
    let limits = FLEET.replace("default deny", "default deny ; limits { policy-map 256 }");
    let fleet = match version {
        "" => limits.replace("cilium \"1.18.0\" ; ", ""),
        version => limits.replace("1.18.0", version),
    };
    let text = format!("identity shop/web {{ match app = web }}\npolicy web for shop/web {{ {rules} }}\n");
    plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", &text)])
}

/// The world is three numbers until 1.19 and four from then on, and each prefix is one more only until then. The node and look-ups come on top.
const NEARLY_OR_OVER: &str = "allow to world, cidr 192.0.2.0/24, cidr 203.0.113.0/24 on 1-65534/tcp, 1-65534/udp";
const OVER: &str = "allow to world, cidr 192.0.2.0/24 on 1-65534/tcp, 1-65534/udp, 1-65534/sctp";
const ROOM_OR_NEARLY: &str =
    "allow to world, cidr 192.0.2.0/24, cidr 203.0.113.0/24, cidr 198.18.0.0/15, cidr 198.51.100.0/24 on 1-65534/tcp";
const NOT_SAID: &str = "";
const NOT_KNOWN: [&str; 2] = ["1.17.9", "1.21.0"];

/// The entries of the only map near its limit, how well they are known and how full it is.
fn only_map((_, plan): &(Sources, Plan)) -> Option<(usize, Certainty, Option<Fill>)> {
    match &policy_maps(plan, &People::of(plan, &Inventory::default())).full[..] {
        [] => None,
        [map] => Some((map.entries, map.certainty, fill_of(plan, map))),
        maps => panic!("{maps:?}"),
    }
}

/// The findings about maps.
fn codes((sources, plan): &(Sources, Plan)) -> Vec<u16> {
    let found = crate::check::check(plan, &Inventory::default(), sources, &crate::workers::Alone);
    let codes: BTreeSet<u16> = found.iter().map(|found| found.code.number).collect();
    codes.into_iter().filter(|code| (970..=990).contains(code)).collect()
}

#[test]
fn maps_of_a_release_that_is_not_said_are_counted_as_the_one_that_fills_them_least() {
    let (least, most) = (3 + 2 * 30 * 4, 3 + 2 * 30 * (3 + 2));
    let of = |version| only_map(&outward(version, NEARLY_OR_OVER));
    for version in ["1.18.0", "1.19.4"] {
        assert_eq!(of(version), Some((most, Certainty::AtLeast, Some(Fill::Over))), "{version}");
    }
    for version in ["1.20.0", NOT_SAID] {
        assert_eq!(of(version), Some((least, Certainty::AtLeast, Some(Fill::Nearly))), "{version}");
    }
    assert_eq!(codes(&outward("1.18.0", NEARLY_OR_OVER)), [990]);
    assert_eq!(codes(&outward("1.20.0", NEARLY_OR_OVER)), [970]);
    assert_eq!(codes(&outward(NOT_SAID, NEARLY_OR_OVER)), [970, 974]);
    assert_eq!(codes(&outward(NOT_SAID, OVER)), [990], "it is the same on every release");
}

#[test]
fn a_map_that_only_some_releases_fill_is_a_note_where_nobody_knows_which_it_is() {
    for version in [NOT_SAID].into_iter().chain(NOT_KNOWN) {
        let fleet = outward(version, ROOM_OR_NEARLY);
        assert_eq!((only_map(&fleet), &codes(&fleet)[..]), (None, &[974][..]), "{version}");
    }
    assert_eq!(codes(&outward("1.18.0", ROOM_OR_NEARLY)), [970]);
    assert_eq!(codes(&outward("1.20.0", ROOM_OR_NEARLY)), [0_u16; 0]);
    let (_, roomy) = plan(&[("fleet.fleetnet", &FLEET.replace("cilium \"1.18.0\" ; ", "")), ("shop.fleetnet", SHOP)]);
    assert!(
        policy_maps(&roomy, &People::of(&roomy, &Inventory::default())).unsure.is_empty(),
        "nothing is near a limit"
    );
}

/// What is over on every release that is known need not be on another.
#[test]
fn a_release_that_is_not_known_overflows_no_map() {
    let least = 3 + 3 * 30 * 4;
    for version in NOT_KNOWN {
        let fleet = outward(version, OVER);
        assert_eq!(only_map(&fleet), Some((least, Certainty::Estimated, Some(Fill::Nearly))), "{version}");
        assert_eq!(codes(&fleet), [970, 974], "{version}");
    }
    assert_eq!(only_map(&outward("1.20.0", OVER)), Some((least, Certainty::AtLeast, Some(Fill::Over))));
}

#[test]
fn releases_that_are_not_said_and_not_known_are_two_findings() {
    for (east, west) in [("", "cilium \"1.21.0\" ;"), ("cilium \"1.21.0\" ;", "")] {
        let fleet = FLEET.replace("default deny", "default deny ; limits { policy-map 256 }");
        let fleet = fleet.replacen("cilium \"1.18.0\" ;", east, 1).replacen("cilium \"1.18.0\" ;", west, 1);
        let text = format!("identity shop/web {{ match app = web }}\npolicy web for shop/web {{ {ROOM_OR_NEARLY} }}\n");
        let (sources, plan) = plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", &text)]);
        let all = crate::check::check(&plan, &Inventory::default(), &sources, &crate::workers::Alone);
        let unsure = all.iter().filter(|found| found.code.number == 974);
        let mut said: Vec<_> =
            unsure.map(|found| (sources.text(found.span).to_owned(), found.help.clone().unwrap_or_default())).collect();
        said.sort();
        let unsaid = if east.is_empty() { "east" } else { "west" };
        let [(version, known), (cluster, write)] = &said[..] else { panic!("{said:?}") };
        assert_eq!((version.as_str(), cluster.as_str()), ("\"1.21.0\"", unsaid));
        assert!(known.contains("knows the maps of 1.18") && write.starts_with("write `cilium \"1.20.0\"`"), "{said:?}");
    }
}

/// A map that is fuller by estimate does not hide one that is over.
#[test]
fn a_map_that_is_surely_over_is_said_before_one_that_may_be_fuller() {
    let fleet = FLEET.replace("default deny", "default deny ; limits { policy-map 256 }");
    for (known, other) in [("east", "west"), ("west", "east")] {
        let from = format!("cluster {other} {{");
        let (before, after) = fleet.split_once(&from).unwrap();
        let fleet = format!("{before}{from}{}", after.replacen("1.18.0", "1.21.0", 1));
        let text = format!(
            "identity shop/web {{ match app = web }}\npolicy web for shop/web {{ {OVER} }}\n\
             policy more for shop/web in {other} {{ allow to gateways on 1-65534/tcp }}\n"
        );
        let (_, plan) = plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", &text)]);
        let [map] = &policy_maps(&plan, &People::of(&plan, &Inventory::default())).full[..] else {
            panic!("one identity")
        };
        assert_eq!(plan.model.clusters[map.cluster].name.value.as_str(), known);
        assert_eq!((map.certainty, map.entries), (Certainty::AtLeast, 3 + 3 * 30 * 4));
    }
}

#[test]
fn a_part_of_a_universe_gives_that_part_of_the_entries() {
    let plan = crowd();
    let cluster = plan.model.clusters.ids().next().unwrap();
    let universe = universe(&plan, cluster);
    let id = plan.model.identities.ids().next().unwrap();
    let (whole, part) = (entries(&plan, &universe, id).len(), entries(&plan, &universe.part(11), id).len());
    assert_eq!((whole, part), (22 * 30 + 3, 2 * 30 + 3));
}

#[test]
fn every_port_of_a_service_is_a_frontend_on_every_way_in() {
    let mut text = String::from(
        "identity shop/web { match app = web ; in east }\nservice shop/web { pods shop/web ; type load-balancer",
    );
    for port in 1..=20 {
        write!(text, " ; port p{port} {port}/tcp").unwrap();
    }
    text += " }\nservice shop/inner { pods shop/web ; port http 80/tcp ; port more 81/tcp }\nservice shop/names { pods shop/web ; headless }\n";
    text += "service shop/far { pods shop/web ; port http 90/tcp ; type node-port }\nexport shop/far to pair\n";
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET), ("shop.fleetnet", &text)]);
    assert_eq!(needed(&plan, Room::Services), [64, 1]);
}

#[test]
fn identities_and_prefixes_are_counted_where_they_are() {
    let text = r"
identity shop/web { match app = web ; in east }
policy web for shop/web { allow from cidr 203.0.113.0/24 except 203.0.113.128/25 ; deny from cidr 203.0.113.0/24 on 80/tcp }
";
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET), ("shop.fleetnet", text)]);
    assert_eq!(needed(&plan, Room::Addresses), [2, 0]);
    // Its own, the unlisted pods, the cluster's DNS and a pod that stands for those that nobody governs.
    assert_eq!(needed(&plan, Room::Identities), [4, 3]);
}

#[test]
fn prefixes_of_a_family_that_a_cluster_lacks_are_not_in_its_map() {
    let text = r"
identity shop/web { match app = web }
policy web for shop/web { allow from cidr 203.0.113.0/24, cidr 2001:db8::/32 }
";
    let fleet = FLEET.replace(", fd00:2::/56", "");
    let (_, plan) = plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", text)]);
    assert_eq!(needed(&plan, Room::Addresses), [2, 1]);
}

#[test]
fn there_is_room_for_as_many_identities_as_the_lock_has_numbers() {
    let names = |count: usize| {
        vec![Wanted { cluster: "east".into(), names: (0..count).map(|name| name.to_string().into()).collect() }]
    };
    let limit = Room::Identities.limit();
    assert!(Lock::default().allocate(&names(limit)).is_ok());
    let exhausted = Lock::default().allocate(&names(limit + 1)).unwrap_err();
    assert_eq!(exhausted.left_over, 1);
}
