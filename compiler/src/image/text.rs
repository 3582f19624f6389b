//! Maps, entries and identities in people's terms, the same in a terminal and on a page.

use std::fmt::{self, Write as _};

use fleetnet_abi::identity::Identity;
use fleetnet_abi::ipcache::{IpcacheKey, IpcacheValue};
use fleetnet_abi::policy::key::{Direction, PolicyKey};
use fleetnet_abi::policy::l4::{L4, Protocol};
use fleetnet_abi::policy::value::{Action, AuthMethod, PolicyValue};

use super::Image;
use super::section::Section;
use super::section::entry::{MapKind, RuleRef};
use super::tables::RuleRow;

/// The name of a map on the command line and in output.
#[must_use]
pub fn map_name(map: MapKind) -> String {
    match map {
        MapKind::Policy { subject } => format!("policy/{subject}"),
        MapKind::Ipcache => "ipcache".to_owned(),
    }
}

/// Whether `name` means `map`: a policy map also goes by what its subject stands for, with or without the cluster behind it.
#[must_use]
pub fn is_named(image: &Image, map: MapKind, name: &str) -> bool {
    match map {
        MapKind::Policy { subject } => name.strip_prefix("policy/").is_some_and(|name| {
            let rest = identity_name(image, subject).strip_prefix(name).map(str::to_owned);
            name == subject.to_string() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" in "))
        }),
        MapKind::Ipcache => name == map_name(map),
    }
}

/// What a number stands for, or the number where nobody says.
#[must_use]
pub fn identity_name(image: &Image, identity: Identity) -> String {
    let named = image.identity(identity).map(|row| row.name.to_string());
    let reserved = || match identity {
        Identity::ANY => Some("any".to_owned()),
        other => other.reserved_name().map(str::to_owned),
    };
    named.or_else(reserved).unwrap_or_else(|| identity.to_string())
}

/// The entries of a section in order, each with what brought it about.
pub fn entries(image: &Image, section: &Section) -> impl Iterator<Item = (EntryText, RuleRef)> {
    let policy = section.policy_entries().map(|entry| (policy_entry(image, &entry.key, &entry.value), entry.rule));
    let ipcache = section.ipcache_entries().map(|entry| (ipcache_entry(image, &entry.key, &entry.value), entry.rule));
    policy.chain(ipcache)
}

/// An entry in words; its text is the key and what the value says of it, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryText {
    /// Whom and which ports, or which addresses.
    pub key: String,
    /// What is said of them.
    pub value: String,
    joint: &'static str,
}

impl fmt::Display for EntryText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} {}", self.key, self.joint, self.value)
    }
}

/// An entry as its bytes say, of whichever map.
#[must_use]
pub fn entry(image: &Image, map: MapKind, key: &[u8], value: &[u8]) -> String {
    let text = match map {
        MapKind::Policy { .. } => policy_bytes(image, key, value),
        MapKind::Ipcache => ipcache_bytes(image, key, value),
    };
    text.map_or_else(|| format!("{} {}", hex(key), hex(value)), |text| text.to_string())
}

/// Where an entry comes from.
#[must_use]
pub fn rule_note(rule: RuleRef, row: Option<&RuleRow>) -> String {
    match (rule, row) {
        (RuleRef::Rule(_), Some(row)) => format!("# {}:{}: {}", row.file, row.line, row.text),
        (RuleRef::Rule(number), None) => format!("# rule {number}"),
        (RuleRef::Default, _) => "# by default".to_owned(),
        (RuleRef::None, _) => "# no rule".to_owned(),
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn policy_bytes(image: &Image, key: &[u8], value: &[u8]) -> Option<EntryText> {
    let key = PolicyKey::from_bytes(key.try_into().ok()?).ok()?;
    Some(policy_entry(image, &key, &PolicyValue::from_bytes(value).ok()?))
}

fn ipcache_bytes(image: &Image, key: &[u8], value: &[u8]) -> Option<EntryText> {
    let key = IpcacheKey::from_bytes(key.try_into().ok()?).ok()?;
    Some(ipcache_entry(image, &key, &IpcacheValue::from_bytes(value.try_into().ok()?).ok()?))
}

fn policy_entry(image: &Image, key: &PolicyKey, value: &PolicyValue) -> EntryText {
    let direction = match key.direction {
        Direction::Ingress => "ingress from",
        Direction::Egress => "egress to",
    };
    let action = match value.action {
        Action::Allow => "allow".to_owned(),
        Action::Deny => "deny".to_owned(),
        Action::Redirect(port) => format!("allow through proxy port {port}"),
    };
    let auth = match value.auth.method {
        AuthMethod::Disabled => "",
        AuthMethod::Spire => ", authenticated by SPIRE",
        AuthMethod::AlwaysFail => ", authentication always fails",
    };
    EntryText {
        key: format!("{direction} {} on {}", identity_name(image, key.identity), ports(key.l4)),
        value: format!("{action}{auth}"),
        joint: ":",
    }
}

fn ipcache_entry(image: &Image, key: &IpcacheKey, value: &IpcacheValue) -> EntryText {
    let mut text = format!("is {} ({})", identity_name(image, value.identity), value.identity);
    if let Some(tunnel) = value.tunnel {
        let _ = write!(text, ", behind {tunnel}");
    }
    if value.skip_tunnel {
        text.push_str(", without encapsulation");
    }
    if value.encrypt_key != 0 {
        let _ = write!(text, ", encrypted with key {}", value.encrypt_key);
    }
    if value.remote_cluster {
        text.push_str(", in another cluster");
    }
    EntryText { key: key.to_string(), value: text, joint: "" }
}

fn ports(l4: L4) -> String {
    match l4 {
        L4::Any => "any port".to_owned(),
        L4::Protocol(protocol) => protocol_name(protocol),
        L4::Ports(protocol, ports) if ports.first() == ports.last() => {
            format!("{}/{}", ports.first(), protocol_name(protocol))
        }
        L4::Ports(protocol, ports) => format!("{}-{}/{}", ports.first(), ports.last(), protocol_name(protocol)),
    }
}

fn protocol_name(protocol: Protocol) -> String {
    match protocol {
        Protocol::ICMP => "icmp".to_owned(),
        Protocol::TCP => "tcp".to_owned(),
        Protocol::UDP => "udp".to_owned(),
        Protocol::ICMPV6 => "icmpv6".to_owned(),
        Protocol::SCTP => "sctp".to_owned(),
        other => format!("protocol {}", other.number()),
    }
}
