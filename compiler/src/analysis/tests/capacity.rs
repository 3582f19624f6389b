//! What maps need, against what is written by hand and against what the engine puts into them.

use std::fmt::Write as _;

use super::plan;
use crate::analysis::capacity::{self, Bounds, Fill, Room, fill, fullest_maps, policy_maps, policy_maps_within};
use crate::image::content::{IdentityRows, Universe, Unnamed, entries, images, wanted};
use crate::lock::Lock;
use crate::plan::Plan;

const FLEET: &str = r#"
fleet spec { target cilium ; default deny }
cluster east { id 1 ; pods 10.1.0.0/16, fd00:1::/56 ; nodes 10.9.1.0/24 ; cilium "1.18.0" ; clustermesh "m.example:2379" }
cluster west { id 2 ; pods 10.2.0.0/16, fd00:2::/56 ; nodes 10.9.2.0/24 ; cilium "1.18.0" ; clustermesh "m.example:2379" }
mesh pair { members east, west ; forget-lost-after 5m }
namespace shop { in east, west ; global in pair }
"#;

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
    let mut bounds = Bounds::new(&plan);
    for cluster in plan.model.clusters.ids() {
        let universe = Universe::new(&plan, &lock, cluster).unwrap();
        for id in plan.model.identities.ids() {
            let exact = entries(&plan, &universe, id).len();
            let (bound, here) = (bounds.of_identity(id), bounds.of_identity_in(id, cluster));
            let who = plan.model.identity_name(id);
            assert!(exact <= here && here <= bound, "{who} takes {exact}, and its bounds are {here} and {bound}");
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
    let universe = Unnamed::new(&plan);
    let exact = entries(&plan, &universe.universe(cluster), web).len();
    let mut bounds = Bounds::new(&plan);
    assert!(exact <= bounds.of_identity_in(web, cluster) && exact > 256, "{exact}");
    assert!(bounds.of_identity_in(web, cluster) <= bounds.of_identity(web));
    assert!(policy_maps(&plan).full.iter().any(|map| map.identity == web && map.entries == exact), "{exact}");
}

#[test]
fn what_is_counted_is_what_images_hold() {
    let fleet = FLEET.replace("target cilium", "target cilium ; target bpf");
    let (sources, plan) = plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", SHOP)]);
    let lock = Lock::default().allocate(&wanted(&plan.model)).unwrap();
    let (made, found) = images(&plan, &lock, &sources, &crate::workers::Alone);
    assert!(found.is_empty() && made.len() == 2, "{found:?}");
    let (everybody, unnamed) = (IdentityRows::new(&plan, &lock), Unnamed::new(&plan));
    let prefixes = capacity::needed(&plan, Room::Addresses);
    for image in made {
        let named = Universe::of(&everybody, image.cluster).unwrap();
        let universe = unnamed.universe(image.cluster);
        assert_eq!(universe.pods.keys().collect::<Vec<_>>(), named.pods.keys().collect::<Vec<_>>());
        let ids = plan.model.identities.ids().filter(|id| plan.model.identities[*id].clusters.contains(image.cluster));
        let mut counted: Vec<usize> = ids.map(|id| entries(&plan, &universe, id).len()).collect();
        counted.push(prefixes[image.cluster]);
        let mut held: Vec<usize> = image.image.sections().iter().map(crate::image::section::Section::len).collect();
        counted.sort_unstable();
        held.sort_unstable();
        assert_eq!(counted, held);
    }
}

/// Twenty identities that all may call each other on as many ports as make thirty entries.
fn crowd() -> Plan {
    let mut text = String::new();
    for number in 0..20 {
        writeln!(text, "identity shop/w{number:02} {{ match app = w{number} ; in east }}").unwrap();
    }
    text += "policy crowd for shop/* { allow from shop/* on 1-65534/tcp }\n";
    let fleet = FLEET.replace("default deny", "default deny ; limits { policy-map 256 }");
    plan(&[("fleet.fleetnet", &fleet), ("shop.fleetnet", &text)]).1
}

#[test]
fn the_fullest_map_of_each_identity_is_counted() {
    let plan = crowd();
    let counted = policy_maps(&plan);
    // Everybody of both clusters is twenty-two, unlisted pods among them; the pod's own node comes on top.
    let entries: Vec<usize> = counted.full.iter().map(|map| map.entries).collect();
    assert_eq!(entries[..20], [22 * 30 + 3; 20]);
    assert_eq!(counted.full[0].costs.iter().map(|(_, cost)| *cost).collect::<Vec<_>>(), [22 * 30]);
    assert!(counted.left.is_empty());
}

#[test]
fn the_map_of_one_identity_is_counted_however_full() {
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET), ("shop.fleetnet", SHOP)]);
    assert_eq!(policy_maps(&plan).full, []);
    let ids: Vec<_> = plan.model.identities.ids().filter(|id| plan.model.identity_name(*id) == "shop/web").collect();
    let maps = fullest_maps(&plan, &ids.iter().copied().collect(), 100_000);
    let [map] = &maps[..] else { panic!("{maps:?}") };
    let universe = Unnamed::new(&plan).universe(map.cluster);
    assert_eq!((map.identity, map.entries), (ids[0], entries(&plan, &universe, ids[0]).len()));
    assert!(map.entries > 20 && map.costs.len() > 3, "{map:?}");
    assert_eq!(fullest_maps(&plan, &ids.iter().copied().collect(), 10), []);
}

#[test]
fn a_check_counts_only_so_many_maps_and_says_whose_are_left() {
    let plan = crowd();
    let counted = policy_maps_within(&plan, 5 * 700);
    // Unlisted pods are in two clusters.
    assert_eq!((counted.full.len(), counted.left.len()), (4, 17));
    assert!(counted.full.iter().all(|map| !counted.left.contains(&map.identity)));
}

#[test]
fn a_part_of_a_universe_gives_that_part_of_the_entries() {
    let plan = crowd();
    let cluster = plan.model.clusters.ids().next().unwrap();
    let universe = Unnamed::new(&plan).universe(cluster);
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
    let needed = capacity::needed(&plan, Room::Services);
    assert_eq!(needed.rows(), [64, 1]);
}

#[test]
fn identities_and_prefixes_are_counted_where_they_are() {
    let text = r"
identity shop/web { match app = web ; in east }
policy web for shop/web { allow from cidr 203.0.113.0/24 except 203.0.113.128/25 ; deny from cidr 203.0.113.0/24 on 80/tcp }
";
    let (_, plan) = plan(&[("fleet.fleetnet", FLEET), ("shop.fleetnet", text)]);
    assert_eq!(capacity::needed(&plan, Room::Addresses).rows(), [2, 0]);
    // Its own, the unlisted pods, the cluster's DNS and a pod that stands for those that nobody governs.
    assert_eq!(capacity::needed(&plan, Room::Identities).rows(), [4, 3]);
}
