//! What is shown of a package's meaning: lenses, hints, and the larger hovers.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod common;

use common::package;
use fleetnet_compiler::workers::Alone;
use fleetnet_lang::{FileId, Span};
use fleetnet_lsp::hints::hints;
use fleetnet_lsp::hover::{Declared, hover};
use fleetnet_lsp::lens::lenses;
use fleetnet_lsp::meaning::Meaning;
use fleetnet_lsp::names::Kind;
use fleetnet_lsp::{Package, Place};

const FLEET: &str = r#"
fleet f {
  target azure-fleet { subscription "0" ; resource-group "rg" ; fleet "f" }
  default deny
}
cluster east { id 1 ; cilium-name "east" ; region a ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium "1.18.0" }
cluster west { id 2 ; cilium-name "west" ; region b ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium "1.18.0" }
clusters first = region a
mesh m { members all }
namespace shop { in all ; global in m }
identity shop/web { match app = web ; port http 80/tcp }
identity shop/api { match app = api ; in first }
group callers { where app = web ; shop/api }
external office { cidr 203.0.113.0/24 }
service shop/web { pods shop/web ; type load-balancer ; port http 80/tcp }
export shop/web to m
policy web for shop/web {
  allow from office on http
  allow from shop/api on http
}
policy api for shop/api {
  allow to shop/web on http
}
entry shop/front {
  backend shop/web { weight east = 2, west = 1 }
}
"#;

/// The package, less what the cursor is, and what it means.
fn meant(text: &str) -> (Package, Meaning, Option<Place>) {
    let (package, place) = package(text);
    let (found, plan) = package.check(&Alone);
    let plan = plan.unwrap_or_else(|| panic!("{found:#?}"));
    let meaning = Meaning::new(package.clone(), plan, &[FileId(0)].into());
    (package, meaning, place)
}

#[track_caller]
fn hovered(at: &str) -> Declared {
    assert_eq!(FLEET.matches(at.replace("$0", "").as_str()).count(), 1, "{at}");
    let (package, meaning, place) = meant(&FLEET.replace(&at.replace("$0", ""), at));
    hover(&package, Some(&meaning), place.unwrap()).unwrap().declared.remove(0)
}

#[test]
fn lenses_count_who_reaches_identities_services_and_policies() {
    let (package, meaning, _) = meant(FLEET);
    let shown: Vec<String> = lenses(&package, &meaning, FileId(0))
        .into_iter()
        .map(|lens| format!("{} {}: {}", lens.kind.word(), lens.name, lens.title))
        .collect();
    assert_eq!(
        shown,
        [
            "identity shop/web: reached by 1 identity, office · reaches nobody",
            "identity shop/api: reached by nobody · reaches 1 identity",
            "service shop/web: reached by 1 identity, office · reaches nobody",
            "policy web: reached by 1 identity, office · reaches nobody",
            "policy api: reached by nobody · reaches 1 identity",
        ]
    );
    let reached = meaning.reached(Kind::Service, "shop/web").unwrap();
    assert_eq!(reached.by[0].ports, ["80/tcp"]);
    // Nothing is said of what nobody looks at.
    let plan = package.check(&Alone).1.unwrap();
    let meaning = Meaning::new(package.clone(), plan, &[].into());
    assert_eq!(lenses(&package, &meaning, FileId(0)), []);
}

#[test]
fn hints_are_shares_and_entries() {
    let (mut package, meaning, _) = meant(FLEET);
    let shown = |package: &Package| {
        let source = package.file(FileId(0)).unwrap().source.clone();
        let all = hints(package, &meaning, Span::new(FileId(0), 0, u32::MAX)).into_iter();
        all.map(|hint| {
            let line = source.before(hint.at.offset);
            let word = line.rsplit(' ').take(3).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ");
            format!("{word} | {}", hint.label)
        })
        .collect::<Vec<String>>()
    };
    let expected = [
        "for shop/web { | 2 entries",
        "office on http | 1 entry",
        "shop/api on http | 1 entry",
        "for shop/api { | 2 entries",
        "shop/web on http | 2 entries",
        "east = 2 | 66.67%",
        "west = 1 | 33.33%",
    ];
    let found = shown(&package);
    assert_eq!(found, expected);
    package.set("a.fleetnet", format!("# more\n{FLEET}"));
    assert_eq!(shown(&package), found, "they move along");
    package.set("a.fleetnet", FLEET.replace("from office on http", "from office on 81/tcp"));
    assert_eq!(shown(&package).len(), found.len() - 1, "a hint is gone with the rule it was of");
}

/// Of a release whose maps are known there are at least so many, of another one about as many.
#[test]
fn hints_say_how_well_a_number_is_known() {
    for (version, said) in [("1.18.0", "at least"), ("1.31.0", "about")] {
        let fleet = FLEET.replace("1.18.0", version);
        assert!(fleet.contains(version));
        let (package, meaning, _) = meant(&fleet);
        let hints = hints(&package, &meaning, Span::new(FileId(0), 0, u32::MAX));
        let of = |label: &str| hints.iter().find(|hint| hint.label == label).unwrap().detail.clone();
        assert_eq!(of("1 entry"), format!("in the fullest policy map this rule takes {said} 1 entry"));
        assert_eq!(of("2 entries"), format!("in the fullest policy map these rules take {said} 2 entries of 16384"));
    }
}

#[test]
fn a_hover_resolves_sets_groups_and_shares() {
    let set = hovered("in fir$0st }");
    assert_eq!((set.head.as_str(), set.clusters), ("clusters first = region a", Some(vec!["east".to_owned()])));
    let group = hovered("group call$0ers");
    let members: Vec<String> = group
        .members
        .iter()
        .map(|some| format!("{}: {}", some.clusters.join(" "), some.identities.join(" ")))
        .collect();
    assert_eq!(members, ["east: shop/api shop/web", "west: shop/web"]);
    let service = hovered("export shop/we$0b");
    assert_eq!(service.divided[0].path, "entry shop/front");
    let part = |name: &str, part: &str| (name.to_owned(), part.to_owned());
    assert_eq!(service.divided[0].parts, [part("east", "66.67%"), part("west", "33.33%")]);
    assert_eq!(service.reached.unwrap().by.len(), 2);
}
