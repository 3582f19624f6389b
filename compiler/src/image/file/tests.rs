//! Round trips, one golden file, and everything that must be refused: any changed or missing byte, and any inconsistency whose digest is right.

use std::num::NonZeroU16;
use std::sync::Arc;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::ipcache::{IpcacheKey, IpcacheValue};
use fleetnet_abi::policy::key::{Direction, PolicyKey};
use fleetnet_abi::policy::l4::{L4, Protocol};
use fleetnet_abi::policy::lookup::{DropReason, Lookup, Packet, Transport, Verdict};
use fleetnet_abi::policy::value::{ListenerPriority, PolicyValue};

use super::layout::{SECTION_ROW, header};
use super::write::digest;
use super::{ImageError, read, write};
use crate::image::section::Section;
use crate::image::section::builder::{IpcacheSection, PolicySection};
use crate::image::section::entry::{MapKind, RuleRef};
use crate::image::section::error::SectionError;
use crate::image::tables::{Header, IdentityKind, IdentityRow, RuleRow};
use crate::image::{BuildError, Image};

const CART: Identity = Identity::of_cluster(1, 256);
const WEB: Identity = Identity::of_cluster(1, 257);

fn header(abi: Abi) -> Header {
    Header { abi, cluster_id: 1, cluster: "eu".to_owned(), fleet: "contoso".to_owned(), build: [7; 32] }
}

fn pods(number: Identity, name: &str) -> IdentityRow {
    let labels = vec![format!("k8s:app={name}").into(), "k8s:ns=shop".into()];
    IdentityRow { number, kind: IdentityKind::Pods, name: format!("shop/{name}").into(), labels }
}

fn rule(line: u32, text: &str) -> RuleRow {
    RuleRow { file: "shop.fleetnet".into(), line, text: text.into() }
}

fn ingress(identity: Identity, l4: L4) -> PolicyKey {
    PolicyKey { direction: Direction::Ingress, identity, l4 }
}

/// Two maps, three entries, two rules, three identities.
fn small(abi: Abi) -> Image {
    let mut policy = PolicySection::new(abi, CART, 16384);
    let web = ingress(WEB, L4::port(Protocol::TCP, 80));
    let proxy = NonZeroU16::new(14001).expect("not 0");
    policy.insert(web, &PolicyValue::redirect(abi, &web, proxy, ListenerPriority::HTTP), RuleRef::Rule(0));
    let host = ingress(Identity::HOST, L4::Any);
    policy.insert(host, &PolicyValue::allow(abi, &host), RuleRef::Default);
    let mut ipcache = IpcacheSection::new(abi);
    let office = IpcacheKey::new("203.0.113.0".parse().expect("an address"), 24).expect("a prefix");
    ipcache.insert(office, IpcacheValue::direct(Identity::FIRST_CIDR), RuleRef::Rule(1));
    let sections = vec![ipcache.finish().expect("a section"), policy.finish().expect("a section")];
    let office = IdentityRow {
        number: Identity::FIRST_CIDR,
        kind: IdentityKind::Cidr,
        name: "203.0.113.0/24".into(),
        labels: vec!["cidr:203.0.113.0/24".into()],
    };
    let rules = vec![rule(3, "allow web"), rule(9, "allow office")];
    Image::new(header(abi), sections, rules, vec![office, pods(WEB, "web"), pods(CART, "cart")]).expect("an image")
}

fn put(bytes: &mut [u8], offset: usize, value: u32) {
    bytes[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
}

/// Gives changed bytes a digest that fits, so that the check behind it is reached.
fn seal(bytes: &mut [u8]) {
    let digest = digest(bytes);
    bytes[header::DIGEST..header::LENGTH].copy_from_slice(&digest);
}

/// What reading says once `change` was made and the digest fits again.
fn refused(change: impl FnOnce(&mut Vec<u8>)) -> ImageError {
    let mut bytes = write(&small(Abi::Cilium118));
    change(&mut bytes);
    seal(&mut bytes);
    read(&bytes).expect_err("the change to be refused")
}

fn u64_at(bytes: &[u8], offset: usize) -> usize {
    let field = bytes[offset..offset + 8].try_into().expect("eight bytes");
    usize::try_from(u64::from_le_bytes(field)).expect("an offset")
}

/// Where the arrays of a section lie: keys, values, rules.
fn arrays(bytes: &[u8], section: usize) -> [usize; 3] {
    let row = header::SIZE + section * SECTION_ROW;
    [40, 48, 56].map(|field| u64_at(bytes, row + field))
}

/// Where the tables that the header names lie.
fn table(bytes: &[u8], number: usize) -> usize {
    u64_at(bytes, header::OFFSETS + 8 * number)
}

#[test]
fn small_images_round_trip() {
    for abi in Abi::ALL {
        let image = small(abi);
        let bytes = write(&image);
        assert_eq!(read(&bytes).as_ref(), Ok(&image));
        assert_eq!(write(&image), bytes);
    }
    let empty = Image::new(header(Abi::Cilium120), Vec::new(), Vec::new(), Vec::new()).expect("an image");
    assert_eq!(read(&write(&empty)), Ok(empty));
}

#[test]
fn arrays_are_aligned_and_as_the_kernel_takes_them() {
    let bytes = write(&small(Abi::Cilium118));
    let [keys, values, rules] = arrays(&bytes, 0);
    assert!([keys, values, rules].iter().all(|offset| offset % 64 == 0));
    let expected_keys = [[0x28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], [0x40, 0, 0, 0, 1, 1, 1, 0, 0, 6, 0, 80]];
    assert_eq!(bytes[keys..keys + 24], expected_keys.concat());
    assert_eq!(bytes[values..values + 16], [0, 0, 0, 0, 0, 0, 0, 0, 0x36, 0xb1, 0xc0, 0, 0x1b, 0, 0, 0]);
    assert_eq!(bytes[rules..rules + 8], [0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
}

#[test]
fn every_changed_byte_is_refused() {
    let image = small(Abi::Cilium119);
    let bytes = write(&image);
    for place in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let mut changed = bytes.clone();
            changed[place] ^= flip;
            assert!(read(&changed).is_err(), "byte {place} ^ {flip:#x}");
        }
    }
}

#[test]
fn every_truncation_and_any_addition_is_refused() {
    let bytes = write(&small(Abi::Cilium119));
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err(), "{length} bytes");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(read(&longer), Err(ImageError::Length { stated: bytes.len() as u64, actual: bytes.len() + 1 }));
}

/// Even a forger who mends the digest gets no second encoding of an image past the reader.
#[test]
fn what_is_read_is_what_would_be_written() {
    let bytes = write(&small(Abi::Cilium118));
    let mut accepted = 0;
    for place in (0..header::DIGEST).chain(header::LENGTH..bytes.len()) {
        for flip in [0x01, 0x02, 0x10, 0x80, 0xFF] {
            let mut changed = bytes.clone();
            changed[place] ^= flip;
            seal(&mut changed);
            if let Ok(image) = read(&changed) {
                assert_eq!(write(&image), changed, "byte {place} ^ {flip:#x}");
                accepted += 1;
            }
        }
    }
    assert!(accepted > 0, "another build or line number is as good as the written one");
}

#[test]
fn frames_are_refused_by_name() {
    let bytes = write(&small(Abi::Cilium118));
    assert_eq!(read(b""), Err(ImageError::TooShort { length: 0 }));
    assert_eq!(read(b"\x7FFN"), Err(ImageError::TooShort { length: 3 }));
    assert_eq!(read(b"apiVersion: v1"), Err(ImageError::Magic));
    assert_eq!(read(&bytes[..100]), Err(ImageError::TooShort { length: 100 }));
    let stated = bytes.len() as u64;
    assert_eq!(read(&bytes[..300]), Err(ImageError::Length { stated, actual: 300 }));
    assert_eq!(refused(|bytes| put(bytes, header::VERSION, 2)), ImageError::Version { found: 2 });
    assert_eq!(refused(|bytes| put(bytes, header::ABI, 121)), ImageError::Abi { found: 121 });
    assert_eq!(refused(|bytes| put(bytes, header::CLUSTER_ID, 256)), ImageError::ClusterId { found: 256 });
    let mut changed = bytes.clone();
    *changed.last_mut().expect("not empty") ^= 1;
    assert_eq!(read(&changed), Err(ImageError::Digest));
}

#[test]
fn unknown_flags_and_wrong_sizes_are_refused() {
    let field = |offset, value| match refused(|bytes| put(bytes, offset, value)) {
        ImageError::Field { field, found, expected, .. } => (field, found, expected),
        other => panic!("{other}"),
    };
    let row = header::SIZE;
    assert_eq!(field(header::FLAGS, 1), ("flags", 1, 0));
    assert_eq!(field(header::RESERVED, 1), ("reserved field", 1, 0));
    assert_eq!(field(row + 12, 1), ("map type", 1, 11));
    assert_eq!(field(row + 16, 16), ("key size", 16, 12));
    assert_eq!(field(row + 20, 12), ("value size", 12, 8));
    assert_eq!(field(row + 28, 0x81), ("map flags", 0x81, 1));
    assert_eq!(field(row + 36, 1), ("reserved field", 1, 0));
    assert_eq!(refused(|bytes| put(bytes, row + 4, 3)), ImageError::MapKind { offset: row + 4, found: 3 });
    assert_eq!(field(row + SECTION_ROW + 8, 5), ("owner", 5, 0));
    let name = ImageError::MapName { offset: row, expected: "cilium_policy_v2_" };
    assert_eq!(refused(|bytes| put(bytes, row, 0)), name);
}

/// The length is in the frame; counts that ask for more than the file has are refused before any memory is asked for.
#[test]
fn counts_and_offsets_that_do_not_fit_the_file_are_refused() {
    for count in 0..5 {
        for value in [0, 100, u32::MAX] {
            let place = header::COUNTS + 4 * count;
            let error = refused(|bytes| put(bytes, place, value));
            let expected = matches!(
                error,
                ImageError::Field { field: "length" | "offset of a table", .. } | ImageError::Truncated { .. }
            );
            assert!(expected, "count {count} = {value}: {error}");
        }
    }
    for offset in [40, 48, 56].map(|field| header::SIZE + field) {
        let error = refused(|bytes| put(bytes, offset, 64));
        assert!(matches!(error, ImageError::Field { field: "offset of a section's array", .. }), "{error}");
    }
    for number in 0..6 {
        let error = refused(|bytes| put(bytes, header::OFFSETS + 8 * number, 0));
        assert!(matches!(error, ImageError::Field { field: "offset of a table", .. }), "{error}");
    }
    let entries = refused(|bytes| put(bytes, header::SIZE + 32, u32::MAX));
    assert!(matches!(entries, ImageError::Field { field: "length", .. }), "{entries}");
}

#[test]
fn reordered_entries_and_sections_are_refused() {
    let swapped = refused(|bytes| {
        let [keys, ..] = arrays(bytes, 0);
        bytes[keys..keys + 24].rotate_left(12);
    });
    assert!(
        matches!(swapped, ImageError::Section { problem: SectionError::ValueOfOtherKey { entry: 0 }, .. }),
        "{swapped}"
    );
    let wholly = refused(|bytes| {
        let [keys, values, _] = arrays(bytes, 0);
        bytes[keys..keys + 24].rotate_left(12);
        bytes[values..values + 16].rotate_left(8);
    });
    assert!(matches!(wholly, ImageError::Section { problem: SectionError::KeyOrder { entry: 1 }, .. }), "{wholly}");
    let twice = refused(|bytes| {
        let [keys, values, _] = arrays(bytes, 0);
        bytes.copy_within(keys..keys + 12, keys + 12);
        bytes.copy_within(values..values + 8, values + 8);
    });
    assert!(matches!(twice, ImageError::Section { problem: SectionError::DuplicateKey { entry: 1 }, .. }), "{twice}");
    let sections = refused(|bytes| bytes[header::SIZE..header::SIZE + 2 * SECTION_ROW].rotate_left(SECTION_ROW));
    assert_eq!(sections, ImageError::SectionOrder { offset: header::SIZE + SECTION_ROW });
    let identities = refused(|bytes| {
        let rows = table(bytes, 2);
        bytes[rows..rows + 48].rotate_left(24);
    });
    assert!(matches!(identities, ImageError::Field { field: "first label", .. }), "{identities}");
}

#[test]
fn padding_must_be_zero() {
    let error = refused(|bytes| bytes[header::END] = 1);
    assert_eq!(error, ImageError::Padding { offset: header::END });
    let mut place = 0;
    let error = refused(|bytes| {
        let [keys, ..] = arrays(bytes, 0);
        place = keys + 24;
        bytes[place] = 1;
    });
    assert_eq!(error, ImageError::Padding { offset: place });
}

#[test]
fn strings_must_be_utf8_sorted_named_and_within_the_text() {
    let text = |bytes: &[u8]| table(bytes, 5);
    let error = refused(|bytes| {
        let text = text(bytes);
        bytes[text] = 0xFF;
    });
    assert!(matches!(error, ImageError::Utf8 { .. }), "{error}");
    let error = refused(|bytes| {
        let text = text(bytes);
        bytes[text] = b'z';
    });
    assert!(matches!(error, ImageError::StringOrder { .. }), "{error}");
    let ends = |bytes: &[u8]| table(bytes, 4);
    let error = refused(|bytes| {
        let ends = ends(bytes);
        put(bytes, ends, 100_000);
    });
    assert!(matches!(error, ImageError::StringEnd { .. }), "{error}");
    let error = refused(|bytes| {
        let rules = table(bytes, 1);
        put(bytes, rules, 99);
    });
    assert!(matches!(error, ImageError::StringNumber { found: 99, .. }), "{error}");
    let error = refused(|bytes| {
        let rules = table(bytes, 1);
        bytes.copy_within(rules + 8..rules + 12, rules + 24);
    });
    assert!(matches!(error, ImageError::StringUnused { .. }), "{error}");
}

#[test]
fn numbers_that_lead_nowhere_are_refused() {
    let error = refused(|bytes| {
        let [_, _, rules] = arrays(bytes, 0);
        put(bytes, rules + 4, 2);
    });
    let map = MapKind::Policy { subject: CART };
    assert_eq!(error, ImageError::Contents(BuildError::UnknownRule { map, rule: 2 }));
    let error = refused(|bytes| {
        let [keys, ..] = arrays(bytes, 0);
        put(bytes, keys + 12 + 4, 0x0001_0500);
    });
    let identity = Identity(0x0001_0500);
    assert_eq!(error, ImageError::Contents(BuildError::UnknownIdentity { map, identity }));
    let error = refused(|bytes| {
        let identities = table(bytes, 2);
        put(bytes, identities + 4, 4);
    });
    assert_eq!(error, ImageError::Contents(BuildError::IdentityKind(CART)));
    let error = refused(|bytes| {
        let identities = table(bytes, 2);
        put(bytes, identities + 4, 9);
    });
    assert!(matches!(error, ImageError::IdentityKind { found: 9, .. }), "{error}");
}

#[test]
fn capacities_are_the_agents() {
    let error = refused(|bytes| put(bytes, header::SIZE + 24, 1));
    let problem = SectionError::Capacity { found: 1, min: 256, max: 65536 };
    assert!(matches!(error, ImageError::Section { problem: found, .. } if found == problem), "{error}");
    let mut full = PolicySection::new(Abi::Cilium118, CART, 256);
    for port in 0..257 {
        let key = ingress(Identity::HOST, L4::port(Protocol::TCP, 1000 + port));
        full.insert(key, &PolicyValue::allow(Abi::Cilium118, &key), RuleRef::None);
    }
    let problem = SectionError::Full { entries: 257, capacity: 256 };
    assert_eq!(full.finish(), Err(BuildError::Section { map: MapKind::Policy { subject: CART }, problem }));
}

#[test]
fn entries_of_another_release_make_no_section() {
    let mut section = PolicySection::new(Abi::Cilium119, CART, 256);
    for port in 1..4 {
        let key = ingress(Identity::HOST, L4::port(Protocol::TCP, port));
        section.insert(key, &PolicyValue::allow(Abi::Cilium118, &key), RuleRef::None);
    }
    let map = MapKind::Policy { subject: CART };
    assert_eq!(section.finish(), Err(BuildError::Section { map, problem: SectionError::Lengths }));
}

#[test]
fn a_section_answers_packets_and_names_the_rule() {
    let image = read(&write(&small(Abi::Cilium118))).expect("an image");
    let section = image.section(MapKind::Policy { subject: CART }).expect("the section");
    let decide = |remote, port| {
        let transport = Transport::Port { protocol: Protocol::TCP, port };
        let packet = Packet { direction: Direction::Ingress, remote, transport };
        let decision = Lookup { abi: image.header().abi, cluster: 1 }.decide(section, packet);
        (decision.verdict, decision.entry.and_then(|(_, rule)| image.rule(rule)).map(|rule| rule.line))
    };
    let proxy = NonZeroU16::new(14001).expect("not 0");
    assert_eq!(decide(WEB, 80), (Verdict::Redirect(proxy), Some(3)));
    assert_eq!(decide(WEB, 81), (Verdict::Drop(DropReason::NoMatch), None));
    assert_eq!(decide(Identity::HOST, 81), (Verdict::Allow, None));
    assert_eq!(section.policy_entries().count(), 2);
    assert_eq!(section.ipcache_entries().count(), 0);
}

/// The same sequence on every run (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn small(&mut self, bound: u16) -> u16 {
        u16::try_from(self.below(bound.into())).expect("below a u16")
    }
}

fn generated_policy(random: &mut Random, abi: Abi, subject: u16, rules: u16) -> PolicySection {
    let mut section = PolicySection::new(abi, Identity::of_cluster(1, subject), 65536);
    let mut taken = std::collections::BTreeSet::new();
    for _ in 0..random.below(400) {
        let direction = if random.below(2) == 0 { Direction::Ingress } else { Direction::Egress };
        let identity = [Identity(random.below(11).try_into().expect("small")), Identity::of_cluster(1, 256)];
        let protocol = [Protocol::TCP, Protocol::UDP, Protocol::SCTP][usize::from(random.small(3))];
        let (first, width) = (random.small(60000), random.small(5000));
        for l4 in L4::cover(protocol, first, first + width).chain([L4::Any, L4::Protocol(protocol)]) {
            let key = PolicyKey { direction, identity: identity[usize::from(random.small(2))], l4: l4.as_written() };
            let port = NonZeroU16::MIN.saturating_add(random.small(20000));
            let value = match random.below(3) {
                0 => PolicyValue::allow(abi, &key),
                1 => PolicyValue::deny(abi, &key),
                _ => PolicyValue::redirect(abi, &key, port, ListenerPriority::DNS),
            };
            let rule = match random.below(4) {
                0 => RuleRef::Default,
                1 => RuleRef::None,
                _ => RuleRef::Rule(random.small(rules).into()),
            };
            if taken.insert(key) {
                section.insert(key, &value, rule);
            }
        }
    }
    section
}

fn generated(random: &mut Random, abi: Abi) -> Image {
    let subjects = 256..257 + random.small(6);
    let rules = 1 + random.small(50);
    let mut sections: Vec<_> = subjects
        .clone()
        .rev()
        .map(|subject| generated_policy(random, abi, subject, rules).finish().expect("a section"))
        .collect();
    let mut ipcache = IpcacheSection::new(abi);
    for (address, length) in [("0.0.0.0", 0), ("10.0.0.0", 8), ("fd00::", 8), ("10.1.2.3", 32)] {
        let key = IpcacheKey::new(address.parse().expect("an address"), length).expect("a prefix");
        let tunnel = (random.below(2) == 0).then(|| "192.0.2.1".parse().expect("an address"));
        let value = IpcacheValue { tunnel, ..IpcacheValue::direct(Identity::WORLD) };
        ipcache.insert(key, value, RuleRef::None);
    }
    sections.push(ipcache.finish().expect("a section"));
    let rules = (0..rules).map(|line| rule(line.into(), if line % 3 == 0 { "allow ümläut" } else { "deny" })).collect();
    let identities = subjects.map(|local| pods(Identity::of_cluster(1, local), &format!("app-{local}"))).collect();
    Image::new(header(abi), sections, rules, identities).expect("an image")
}

#[test]
fn generated_images_round_trip() {
    let mut random = Random(1);
    let mut entries = 0;
    for round in 0..60 {
        let image = generated(&mut random, Abi::ALL[round % 3]);
        let bytes = write(&image);
        assert_eq!(read(&bytes).as_ref(), Ok(&image), "round {round}");
        entries += image.sections().iter().map(Section::len).sum::<usize>();
    }
    assert!(entries > 10_000, "only {entries} entries were generated");
}

/// A file of a few bytes a row must not need a copy of a long text for each.
#[test]
fn a_text_that_many_rows_name_is_kept_once() {
    let text: Arc<str> = "x".repeat(1 << 16).into();
    let rules = (0..1000).map(|line| RuleRow { file: Arc::clone(&text), line, text: Arc::clone(&text) }).collect();
    let bytes = write(&Image::new(header(Abi::Cilium118), Vec::new(), rules, Vec::new()).expect("an image"));
    let image = read(&bytes).expect("an image");
    let [first, .., last] = image.rules() else { panic!("rules are missing") };
    assert!(Arc::ptr_eq(&first.file, &last.text));
}

#[test]
fn the_order_of_parts_does_not_matter() {
    let image = small(Abi::Cilium120);
    let mut identities = image.identities().to_vec();
    identities.reverse();
    for row in &mut identities {
        row.labels.reverse();
    }
    let sections = image.sections().iter().rev().cloned().collect();
    let shuffled = Image::new(image.header().clone(), sections, image.rules().to_vec(), identities);
    assert_eq!(shuffled.map(|shuffled| write(&shuffled)), Ok(write(&image)));
}

/// The example of the documentation is a whole file: sixteen bytes a line, lines of zeros left out.
#[test]
fn golden_file() {
    let documented = include_str!("../../../../docs/image-format.md");
    let lines = write(&tiny());
    let lines = lines.chunks(16).enumerate().filter(|(_, line)| line.iter().any(|byte| *byte != 0));
    let dump: String = lines
        .map(|(number, line)| {
            let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{:04x}  {}\n", number * 16, hex.join(" "))
        })
        .collect::<Vec<String>>()
        .concat();
    let example = documented.split("```\n").nth(1);
    assert_eq!(example, Some(dump.as_str()), "\n{dump}");
}

/// One policy map with one entry.
fn tiny() -> Image {
    let mut policy = PolicySection::new(Abi::Cilium118, CART, 16384);
    let key = ingress(WEB, L4::port(Protocol::TCP, 80));
    policy.insert(key, &PolicyValue::allow(Abi::Cilium118, &key), RuleRef::Rule(0));
    let sections = vec![policy.finish().expect("a section")];
    let rules = vec![rule(3, "allow web -> cart : 80")];
    let identity = |number, name: &str| {
        let labels = vec![format!("k8s:app={name}").into()];
        IdentityRow { number, kind: IdentityKind::Pods, name: format!("shop/{name}").into(), labels }
    };
    let header = Header { build: [0; 32], ..header(Abi::Cilium118) };
    Image::new(header, sections, rules, vec![identity(CART, "cart"), identity(WEB, "web")]).expect("an image")
}
