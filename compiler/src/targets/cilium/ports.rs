//! Ports of the plan as the engine reads them.

use super::crd::{IcmpField, IcmpRule, L7Rules, PortProtocol, PortRule, Ports};
use crate::model::{PortRange, Protocol};
use crate::plan;
use crate::targets::kubernetes;

/// Most ports, or ICMP types, of one list.
pub const MAX_PER_RULE: usize = 40;

/// What a rule of the plan speaks of: transport ports and ICMP types can't stand in one rule.
pub fn lower(ports: &plan::Ports) -> Vec<Ports> {
    let plan::Ports::Ranges(ranges) = ports else { return vec![Ports::Any] };
    let ports: Vec<PortProtocol> = ranges.iter().filter_map(|range| port(*range)).collect();
    let types: Vec<IcmpField> = ranges.iter().flat_map(|range| types(*range)).collect();
    let ports = (!ports.is_empty()).then(|| Ports::Transport(split(&ports, None)));
    let chunks = types.chunks(MAX_PER_RULE).map(|fields| IcmpRule { fields: fields.to_vec() });
    let types = (!types.is_empty()).then(|| Ports::Icmp(chunks.collect()));
    ports.into_iter().chain(types).collect()
}

/// Transport ports on which only some things may be said.
pub fn judged(ranges: &[PortRange], rules: &L7Rules) -> Ports {
    let ports: Vec<PortProtocol> = ranges.iter().filter_map(|range| port(*range)).collect();
    Ports::Transport(split(&ports, Some(rules)))
}

fn split(ports: &[PortProtocol], rules: Option<&L7Rules>) -> Vec<PortRule> {
    let rule = |ports: &[PortProtocol]| PortRule { ports: ports.to_vec(), rules: rules.cloned() };
    ports.chunks(MAX_PER_RULE).map(rule).collect()
}

/// Port 0 alone is every port of the protocol; with an end it would be too, whatever the end.
fn port(range: PortRange) -> Option<PortProtocol> {
    let Protocol::Transport(transport) = range.protocol else { return None };
    let end_port = (range.last > range.first && range != PortRange::all(range.protocol)).then_some(range.last);
    Some(PortProtocol { port: range.first.to_string(), end_port, protocol: kubernetes::protocol(transport) })
}

/// Type 0 is every type of its family: the engine keeps types where ports are, and port 0 is every port.
fn types(range: PortRange) -> Vec<IcmpField> {
    let family = match range.protocol {
        Protocol::Transport(_) => return Vec::new(),
        Protocol::IcmpV4 => "IPv4",
        Protocol::IcmpV6 => "IPv6",
    };
    if range == PortRange::all(range.protocol) {
        return vec![IcmpField { family, number: 0 }];
    }
    (range.first..=range.last).map(|number| IcmpField { family, number }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Transport;

    fn tcp(first: u16, last: u16) -> PortRange {
        PortRange { protocol: Protocol::Transport(Transport::Tcp), first, last }
    }

    #[track_caller]
    fn check(ranges: Vec<PortRange>, expected: &str) {
        let lowered = lower(&plan::Ports::of(ranges));
        let text: Vec<String> = lowered
            .iter()
            .map(|ports| match ports {
                Ports::Any => "any".to_owned(),
                Ports::Transport(rules) => serde_json::to_string(rules).unwrap(),
                Ports::Icmp(rules) => serde_json::to_string(rules).unwrap(),
            })
            .collect();
        assert_eq!(text.join(" "), expected);
    }

    #[test]
    fn ranges_and_whole_protocols() {
        check(
            vec![tcp(443, 443), tcp(9000, 9010)],
            r#"[{"ports":[{"port":"443","protocol":"TCP"},{"port":"9000","endPort":9010,"protocol":"TCP"}]}]"#,
        );
        check(
            vec![PortRange::all(Protocol::Transport(Transport::Udp))],
            r#"[{"ports":[{"port":"0","protocol":"UDP"}]}]"#,
        );
    }

    #[test]
    fn icmp_stands_apart() {
        check(
            vec![
                tcp(80, 80),
                PortRange::all(Protocol::IcmpV4),
                PortRange { protocol: Protocol::IcmpV6, first: 128, last: 128 },
            ],
            r#"[{"ports":[{"port":"80","protocol":"TCP"}]}] [{"fields":[{"family":"IPv4","type":0},{"family":"IPv6","type":128}]}]"#,
        );
    }

    #[test]
    fn no_list_is_longer_than_the_engine_takes() {
        let ranges = (0..41).map(|number| tcp(1000 + 2 * number, 1000 + 2 * number)).collect();
        let lowered = lower(&plan::Ports::of(ranges));
        let [Ports::Transport(rules)] = lowered.as_slice() else { panic!("{lowered:?}") };
        assert_eq!(rules.iter().map(|rule| rule.ports.len()).collect::<Vec<_>>(), [40, 1]);
    }
}
