//! What the kernel may hold instead of what was loaded.

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::policy::key::{Direction, PolicyKey};
use fleetnet_abi::policy::l4::{L4, Protocol};
use fleetnet_abi::policy::value::PolicyValue;

use super::*;
use crate::image::diff::EntryChange;
use crate::image::section::builder::PolicySection;
use crate::image::tables::{Header, IdentityKind, IdentityRow, RuleRow};

const ABI: Abi = Abi::Cilium118;
const CART: Identity = Identity::of_cluster(1, 256);
const MAP: MapKind = MapKind::Policy { subject: CART };

fn image(ports: &[u16], rule: &str) -> Image {
    let mut section = PolicySection::new(ABI, CART, 256);
    for port in ports {
        let l4 = L4::port(Protocol::TCP, *port);
        let key = PolicyKey { direction: Direction::Ingress, identity: Identity::HOST, l4 };
        section.insert(key, &PolicyValue::allow(ABI, &key), RuleRef::Rule(0));
    }
    let rules = vec![RuleRow { file: "shop.fleetnet".into(), line: 3, text: rule.into() }];
    let row = IdentityRow { number: CART, kind: IdentityKind::Pods, name: "shop/cart".into(), labels: Vec::new() };
    let header =
        Header { abi: ABI, cluster_id: 1, cluster: "eu".to_owned(), fleet: "contoso".to_owned(), build: [0; 32] };
    Image::new(header, vec![section.finish().expect("a section")], rules, vec![row]).expect("an image")
}

/// The map as a load leaves it.
fn loaded(image: &Image) -> LiveMap {
    let section = image.section(MAP).expect("the map");
    let (keys, values) = (section.keys().to_vec(), section.values().to_vec());
    LiveMap { map: MAP, capacity: section.capacity(), keys, values }
}

fn entries(diff: ImageDiff) -> Vec<EntryChange> {
    let changes = diff.sections.into_iter().map(|section| match section.change {
        SectionChange::Entries { capacity: None, entries } => entries,
        other => panic!("{other:?}"),
    });
    changes.flatten().collect()
}

#[test]
fn what_was_loaded_does_not_differ() {
    let image = image(&[80, 443], "allow web");
    assert!(diff(&image, &image, &[loaded(&image)]).is_empty());
}

#[test]
fn each_change_of_an_entry_is_told_with_its_rule() {
    let image = image(&[80, 443, 8080], "allow web");
    let mut live = loaded(&image);
    live.keys.drain(..12);
    live.values.drain(..8);
    live.values[..8].fill(0xff);
    live.keys.extend([0xee; 12]);
    live.values.extend([0xdd; 8]);
    let changes = entries(diff(&image, &image, &[live]));
    let [EntryChange::Missing(missing), EntryChange::Different(other), EntryChange::Extra(extra)] = changes.as_slice()
    else {
        panic!("{changes:?}")
    };
    assert_eq!(missing.rule.1, image.rules().first().cloned());
    assert_eq!(other.expected.rule.1, image.rules().first().cloned());
    assert_eq!(other.actual.rule, (RuleRef::None, None));
    assert_eq!((extra.key.as_slice(), &extra.rule), (&[0xee; 12][..], &(RuleRef::None, None)));
}

#[test]
fn entries_of_the_build_before_name_its_rules() {
    let (new, old) = (image(&[80], "allow web"), image(&[80, 443], "allow web"));
    let changes = entries(diff(&new, &old, &[loaded(&old)]));
    let [EntryChange::Extra(extra)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(extra.rule.1, old.rules().first().cloned());
}

#[test]
fn whole_maps_come_and_go() {
    let image = image(&[80], "allow web");
    let change = |maps: &[LiveMap]| diff(&image, &image, maps).sections.into_iter().map(|section| section.change);
    assert_eq!(change(&[]).collect::<Vec<_>>(), [SectionChange::Missing(1)]);
    let other = LiveMap { map: MapKind::Ipcache, capacity: 1, keys: Vec::new(), values: Vec::new() };
    assert_eq!(change(&[loaded(&image), other]).collect::<Vec<_>>(), [SectionChange::Extra(0)]);
    let small = LiveMap { capacity: 4096, ..loaded(&image) };
    let capacity = Change::of(256, 4096);
    assert_eq!(change(&[small]).collect::<Vec<_>>(), [SectionChange::Entries { capacity, entries: Vec::new() }]);
}
