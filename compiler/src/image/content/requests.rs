//! Ports on which only some requests are admitted.
//!
//! A proxy sees a port by its most specific entry alone, so ports are cut into cells on which the same requests are admitted, and a cell
//! whose every request is admitted is none of the proxy's.

use fleetnet_abi::policy::l4::{L4, Protocol as Number};

use crate::model::{Request, RuleId};
use crate::plan::{Ports, Rule};

/// TCP ports of one peer that go through the HTTP proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
    /// The first rule that admits requests here.
    pub rule: RuleId,
    requests: Vec<Request>,
}

/// The cells of one peer: `rules` admit some requests each, `plain` is what is admitted whole. Ascending and disjoint; neighbours differ in
/// their requests.
#[must_use]
pub fn redirected(rules: &[&Rule], plain: &[L4]) -> Vec<Cell> {
    let whole: Vec<(u16, u16)> = plain
        .iter()
        .filter(|l4| l4.protocol().is_none_or(|protocol| protocol == Number::TCP))
        .map(|l4| l4.port_range())
        .collect();
    let mut cells: Vec<Cell> = Vec::new();
    for (first, last) in cuts(rules, &whole) {
        if whole.iter().any(|(from, to)| *from <= first && last <= *to) {
            continue;
        }
        let here: Vec<&&Rule> =
            rules.iter().filter(|rule| ranges(rule).any(|(from, to)| from <= first && last <= to)).collect();
        let Some(rule) = here.iter().map(|rule| rule.source).min() else { continue };
        let mut requests: Vec<Request> = here.iter().flat_map(|rule| rule.requests.iter().cloned()).collect();
        requests.sort();
        requests.dedup();
        match cells.last_mut() {
            Some(cell) if u32::from(cell.last) + 1 == u32::from(first) && cell.requests == requests => cell.last = last,
            Some(_) | None => cells.push(Cell { first, last, rule, requests }),
        }
    }
    cells
}

fn ranges(rule: &Rule) -> impl Iterator<Item = (u16, u16)> {
    let ranges = match &rule.ports {
        Ports::Any => &[][..],
        Ports::Ranges(ranges) => ranges.as_slice(),
    };
    ranges.iter().map(|range| (range.first, range.last))
}

/// The smallest intervals at whose edges anything begins or ends, ascending.
fn cuts(rules: &[&Rule], whole: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let all = rules.iter().flat_map(|rule| ranges(rule)).chain(whole.iter().copied());
    let mut starts: Vec<u32> = all.flat_map(|(first, last)| [u32::from(first), u32::from(last) + 1]).collect();
    starts.sort_unstable();
    starts.dedup();
    let port = |place: u32| u16::try_from(place).unwrap_or(u16::MAX);
    starts.iter().zip(starts.iter().skip(1)).map(|(first, next)| (port(*first), port(next.saturating_sub(1)))).collect()
}
