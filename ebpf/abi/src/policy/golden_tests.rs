//! Keys and values byte for byte as the policy engines of 1.18.0, 1.19.4 and 1.20.0 encode them.

use core::num::NonZeroU16;

use super::key::{Direction, PolicyKey, PolicyKeyError};
use super::l4::{L4, PortPrefix, Protocol};
use super::value::{Action, Auth, AuthMethod, AuthSource, ListenerPriority, PolicyValue, PolicyValueError, Rank};
use crate::abi::Abi;
use crate::hex;
use crate::identity::Identity;

/// Checks the bytes of an entry under an ABI, and that they read back as the same.
fn check(key: PolicyKey, value: &PolicyValue, key_hex: &str, value_hex: &str) {
    assert_eq!(hex(&key.to_bytes()), key_hex.replace(' ', ""));
    assert_eq!(hex(value.to_bytes().as_slice()), value_hex.replace(' ', ""));
    assert_eq!(PolicyKey::from_bytes(key.to_bytes()), Ok(key));
    assert_eq!(PolicyValue::from_bytes(value.to_bytes().as_slice()), Ok(*value));
}

fn key(direction: Direction, identity: u32, l4: L4) -> PolicyKey {
    PolicyKey { direction, identity: Identity(identity), l4 }
}

/// Checks one worked row under all three ABIs.
fn check_all(key: PolicyKey, value: impl Fn(Abi) -> PolicyValue, key_hex: &str, hex_118: &str, hex_119: &str) {
    for abi in Abi::ALL {
        let value_hex = match abi {
            Abi::Cilium118 => hex_118,
            Abi::Cilium119 | Abi::Cilium120 => hex_119,
        };
        let value = value(abi);
        assert_eq!(value.to_bytes().as_slice().len(), abi.policy_value_size());
        check(key, &value, key_hex, value_hex);
    }
}

#[test]
fn ingress_allow_of_one_peer_and_port() {
    let key = key(Direction::Ingress, 0x10005, L4::port(Protocol::TCP, 443));
    check_all(
        key,
        |abi| PolicyValue::allow(abi, &key),
        "40000000 05000100 00 06 01bb",
        "0000 c0 00 00000000",
        "0000 c0 00 01ffffff 00000000",
    );
}

#[test]
fn ingress_deny_of_any_peer_at_one_port() {
    let key = key(Direction::Ingress, 0, L4::port(Protocol::TCP, 80));
    check_all(
        key,
        |abi| PolicyValue::deny(abi, &key),
        "40000000 00000000 00 06 0050",
        "0000 c1 00 00000000",
        "0000 c1 00 ffffffff 00000000",
    );
}

#[test]
fn egress_deny_of_everything() {
    let key = key(Direction::Egress, 0, L4::Any);
    check_all(
        key,
        |abi| PolicyValue::deny(abi, &key),
        "28000000 00000000 01 00 0000",
        "0000 01 00 00000000",
        "0000 01 00 ffffffff 00000000",
    );
}

#[test]
fn ingress_allow_of_a_port_range() {
    let ports = PortPrefix::new(8080, 12).expect("8080 begins a block of sixteen");
    let key = key(Direction::Ingress, 0, L4::Ports(Protocol::UDP, ports));
    check_all(
        key,
        |abi| PolicyValue::allow(abi, &key),
        "3c000000 00000000 00 11 1f90",
        "0000 a0 00 00000000",
        "0000 a0 00 01ffffff 00000000",
    );
}

#[test]
fn ingress_redirect_to_the_http_proxy() {
    let key = key(Direction::Ingress, 0x10101, L4::port(Protocol::TCP, 80));
    let proxy = NonZeroU16::new(14001).expect("not 0");
    check_all(
        key,
        |abi| PolicyValue::redirect(abi, &key, proxy, ListenerPriority::HTTP),
        "40000000 01010100 00 06 0050",
        "36b1 c0 00 1b000000",
        "36b1 c0 00 9affffff 00000000",
    );
}

#[test]
fn ingress_allow_with_authentication() {
    let key = key(Direction::Ingress, 0x10101, L4::port(Protocol::TCP, 80));
    let auth = Auth { method: AuthMethod::Spire, source: AuthSource::Explicit };
    check_all(
        key,
        |abi| PolicyValue::new(&key, Action::Allow, auth, Rank::allow(abi)),
        "40000000 01010100 00 06 0050",
        "0000 c0 81 00000000",
        "0000 c0 81 01ffffff 00000000",
    );
}

#[test]
fn localhost_allow_of_1_20_stands_at_level_10() {
    let key = key(Direction::Ingress, 1, L4::Any);
    let rank = Rank::allow(Abi::Cilium120).at_level(10);
    let value = PolicyValue::new(&key, Action::Allow, Auth::NONE, rank);
    check(key, &value, "28000000 01000000 00 00 0000", "0000 00 00 01f5ffff 00000000");
}

#[test]
fn one_protocol_alone() {
    let key = key(Direction::Ingress, 0x10005, L4::Protocol(Protocol::TCP));
    let value = PolicyValue::allow(Abi::Cilium118, &key);
    check(key, &value, "30000000 05000100 00 06 0000", "0000 40 00 00000000");
}

#[test]
fn ranks_of_every_listener() {
    let rows = [
        (ListenerPriority::HTTP, 0x1b, 0xFFFF_FF9A, 0xFFFF_F59A),
        (ListenerPriority::TLS, 0x0c, 0xFFFF_FF8B, 0xFFFF_F58B),
        (ListenerPriority::DNS, 0x07, 0xFFFF_FF86, 0xFFFF_F586),
        (ListenerPriority::CRD, 0x02, 0xFFFF_FF81, 0xFFFF_F581),
    ];
    for (listener, old, at_0, at_10) in rows {
        assert_eq!(Rank::redirect(Abi::Cilium118, listener), Rank::ProxyPriority(old));
        let ranked = |level| Rank::redirect(Abi::Cilium119, listener).at_level(level);
        assert_eq!(ranked(0), Rank::Precedence { precedence: at_0, cookie: 0 });
        assert_eq!(ranked(10), Rank::Precedence { precedence: at_10, cookie: 0 });
    }
    let deny = Rank::deny(Abi::Cilium120).at_level(30);
    assert_eq!(deny, Rank::Precedence { precedence: 0xFFFF_E1FF, cookie: 0 });
}

#[test]
fn keys_that_no_engine_writes_are_refused() {
    let good = key(Direction::Ingress, 0x10005, L4::port(Protocol::TCP, 443)).to_bytes();
    let with = |place: usize, byte: u8| {
        let mut bytes = good;
        bytes[place] = byte;
        PolicyKey::from_bytes(bytes)
    };
    assert_eq!(with(0, 41), Err(PolicyKeyError::PrefixLength(41)));
    assert_eq!(with(0, 39), Err(PolicyKeyError::PrefixLength(39)));
    assert_eq!(with(0, 65), Err(PolicyKeyError::PrefixLength(65)));
    assert_eq!(with(1, 1), Err(PolicyKeyError::PrefixLength(0x140)));
    assert_eq!(with(0, 40), Err(PolicyKeyError::BeyondPrefix { protocol: 6, port: 443 }));
    assert_eq!(with(0, 63), Err(PolicyKeyError::BeyondPrefix { protocol: 6, port: 443 }));
    assert_eq!(with(8, 2), Err(PolicyKeyError::Direction(2)));
    assert_eq!(with(9, 0), Err(PolicyKeyError::Protocol));
}

#[test]
fn values_that_no_engine_writes_are_refused() {
    let proxy = NonZeroU16::new(14001).expect("not 0");
    let rows: [(&[u8], PolicyValueError); 6] = [
        (&[0; 7], PolicyValueError::Size(7)),
        (&[0, 0, 0xc2, 0, 0, 0, 0, 0], PolicyValueError::Flags(0xc2)),
        (&[0, 0, 0xc4, 0, 0, 0, 0, 0, 0, 0, 0, 0], PolicyValueError::Flags(0xc4)),
        (&[0, 0, 0xc0, 0, 0, 1, 0, 0], PolicyValueError::Padding),
        (&[0, 0, 0xc0, 0x83, 0, 0, 0, 0], PolicyValueError::Auth(3)),
        (&[0x36, 0xb1, 0xc1, 0, 0, 0, 0, 0], PolicyValueError::DenyWithProxy(proxy)),
    ];
    for (bytes, error) in rows {
        assert_eq!(PolicyValue::from_bytes(bytes), Err(error));
    }
}
