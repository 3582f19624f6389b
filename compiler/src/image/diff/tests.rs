//! Each kind of difference, alone.

use fleetnet_abi::policy::key::{Direction, PolicyKey};
use fleetnet_abi::policy::l4::{L4, Protocol};
use fleetnet_abi::policy::value::PolicyValue;

use super::*;
use crate::image::section::builder::PolicySection;
use crate::image::tables::Header;

const ABI: Abi = Abi::Cilium118;
const CART: Identity = Identity::of_cluster(1, 256);

/// An image of one policy map with a plain allow for each `(port, rule)`.
fn image(cart: Identity, capacity: u32, ports: &[(u16, RuleRef)], rules: &[(u32, &str)]) -> Image {
    let mut section = PolicySection::new(ABI, cart, capacity);
    for (port, rule) in ports {
        let key = key(*port);
        section.insert(key, &PolicyValue::allow(ABI, &key), *rule);
    }
    let rules =
        rules.iter().map(|(line, text)| RuleRow { file: "shop.fleetnet".into(), line: *line, text: (*text).into() });
    let labels = vec!["k8s:app=cart".into()];
    let row = IdentityRow { number: cart, kind: IdentityKind::Pods, name: "shop/cart".into(), labels };
    let header =
        Header { abi: ABI, cluster_id: 1, cluster: "eu".to_owned(), fleet: "contoso".to_owned(), build: [0; 32] };
    Image::new(header, vec![section.finish().expect("a section")], rules.collect(), vec![row]).expect("an image")
}

fn key(port: u16) -> PolicyKey {
    let l4 = L4::port(Protocol::TCP, port);
    PolicyKey { direction: Direction::Ingress, identity: Identity::HOST, l4 }
}

/// The changes of the one section that both images have.
fn entries(diff: ImageDiff) -> Vec<EntryChange> {
    assert!(diff.header.is_empty() && diff.identities.is_empty(), "{diff:?}");
    let changes = diff.sections.into_iter().map(|section| match section.change {
        SectionChange::Entries { capacity: None, entries } => entries,
        other => panic!("{other:?}"),
    });
    changes.flatten().collect()
}

const RULE: RuleRef = RuleRef::Rule(0);

#[test]
fn equal_images_have_no_difference_wherever_their_lines_are() {
    let left = image(CART, 256, &[(80, RULE)], &[(3, "allow web")]);
    assert!(diff(&left, &left).is_empty());
    let moved = image(CART, 256, &[(80, RuleRef::Rule(1))], &[(1, "deny host"), (4, "allow web")]);
    assert!(diff(&left, &moved).is_empty());
}

#[test]
fn entries_are_missing_or_extra_with_their_rules() {
    let left = image(CART, 256, &[(80, RULE), (443, RULE)], &[(3, "allow web")]);
    let right = image(CART, 256, &[(80, RULE), (8080, RULE)], &[(3, "allow web")]);
    let changes = entries(diff(&left, &right));
    let [EntryChange::Missing(missing), EntryChange::Extra(extra)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((missing.key.as_slice(), extra.key.as_slice()), (&key(443).to_bytes()[..], &key(8080).to_bytes()[..]));
    assert_eq!(missing.rule.1.as_ref().map(|rule| rule.line), Some(3));
    assert_eq!(entries(diff(&left, &left)), []);
}

#[test]
fn another_rule_behind_the_same_entry_is_a_difference() {
    let left = image(CART, 256, &[(80, RULE)], &[(3, "allow web")]);
    for right in [
        image(CART, 256, &[(80, RULE)], &[(3, "allow all")]),
        image(CART, 256, &[(80, RuleRef::Default)], &[]),
        image(CART, 256, &[(80, RuleRef::None)], &[]),
    ] {
        let changes = entries(diff(&left, &right));
        let [EntryChange::Different(change)] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(change.expected.value, change.actual.value);
        assert_ne!(change.expected.rule, change.actual.rule);
    }
}

#[test]
fn another_capacity_is_a_difference() {
    let sections = diff(&image(CART, 256, &[], &[]), &image(CART, 512, &[], &[])).sections;
    let capacity = Some(Change { expected: 256, actual: 512 });
    let map = MapKind::Policy { subject: CART };
    assert_eq!(sections, [SectionDiff { map, change: SectionChange::Entries { capacity, entries: Vec::new() } }]);
}

#[test]
fn a_renumbered_identity_is_named_by_what_it_stands_for() {
    let other = Identity::of_cluster(1, 300);
    let found = diff(&image(CART, 256, &[(80, RULE)], &[(3, "allow web")]), &image(other, 256, &[], &[]));
    let [IdentityChange::Renumbered { name, number, .. }] = found.identities.as_slice() else { panic!("{found:?}") };
    assert_eq!((name.as_ref(), *number), ("shop/cart", Change { expected: CART, actual: other }));
    let changes: Vec<&SectionChange> = found.sections.iter().map(|section| &section.change).collect();
    assert_eq!(changes, [&SectionChange::Missing(1), &SectionChange::Extra(0)]);
}

#[test]
fn headers_differ_field_by_field() {
    let left = image(CART, 256, &[], &[]);
    let header = Header { cluster: "us".to_owned(), cluster_id: 2, build: [9; 32], ..left.header().clone() };
    let right = Image::new(header, left.sections().to_vec(), Vec::new(), left.identities().to_vec()).expect("an image");
    let cluster = Change { expected: "eu".to_owned(), actual: "us".to_owned() };
    let id = Change { expected: 1, actual: 2 };
    assert_eq!(diff(&left, &right).header, [HeaderChange::ClusterId(id), HeaderChange::Cluster(cluster)]);
}
