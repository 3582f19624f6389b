//! Ports, one for each way to be in or out of what is mentioned, and sets of them as bits.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{PortRange, Protocol, Transport};
use crate::plan::Ports;

/// Every protocol, in the order in which an example of a flow is looked for.
pub const PROTOCOLS: [Protocol; 5] = [
    Protocol::Transport(Transport::Tcp),
    Protocol::Transport(Transport::Udp),
    Protocol::Transport(Transport::Sctp),
    Protocol::IcmpV4,
    Protocol::IcmpV6,
];

/// All ports of all protocols, cut wherever something mentioned begins or ends.
#[derive(Clone, Debug)]
pub struct PortClasses {
    classes: Vec<PortRange>,
}

impl PortClasses {
    /// Cuts at the ends of ranges, and at constants in every protocol.
    #[must_use]
    pub fn new<'a>(ports: impl IntoIterator<Item = &'a Ports>, constants: impl IntoIterator<Item = i64>) -> Self {
        let mut cuts: BTreeMap<Protocol, BTreeSet<u32>> = BTreeMap::new();
        for ports in ports {
            let Ports::Ranges(ranges) = ports else { continue };
            for range in ranges {
                cuts.entry(range.protocol).or_default().extend([u32::from(range.first), u32::from(range.last) + 1]);
            }
        }
        for constant in constants {
            let Ok(first) = u32::try_from(constant) else { continue };
            for protocol in PROTOCOLS {
                cuts.entry(protocol).or_default().extend([first, first.saturating_add(1)]);
            }
        }
        let classes = PROTOCOLS.into_iter().flat_map(|protocol| {
            let whole = PortRange::all(protocol);
            // Nothing is ever sent to port 0, but ICMP has a type 0.
            let first = if matches!(protocol, Protocol::Transport(_)) { 1 } else { whole.first };
            let inner = cuts.get(&protocol).into_iter().flatten().copied();
            let inner = inner.filter(move |cut| *cut > first.into() && *cut <= whole.last.into());
            let starts: Vec<u16> =
                std::iter::once(first).chain(inner.filter_map(|cut| u16::try_from(cut).ok())).collect();
            let ends: Vec<u16> =
                starts.iter().skip(1).map(|next| next - 1).chain(std::iter::once(whole.last)).collect();
            starts
                .into_iter()
                .zip(ends)
                .map(move |(first, last)| PortRange { protocol, first, last })
                .collect::<Vec<_>>()
        });
        Self { classes: classes.collect() }
    }

    /// The classes in order; every port of one stands for all of them.
    pub fn iter(&self) -> impl Iterator<Item = PortRange> + '_ {
        self.classes.iter().copied()
    }

    /// The classes for whose ports something holds.
    #[must_use]
    pub fn select(&self, holds: impl Fn(PortRange) -> bool) -> PortMask {
        let mut mask = self.none();
        for (index, class) in self.classes.iter().enumerate() {
            if holds(*class) {
                mask.insert(index);
            }
        }
        mask
    }

    /// The classes of some ports.
    #[must_use]
    pub fn mask(&self, ports: &Ports) -> PortMask {
        self.select(|class| ports.contains(class.protocol, class.first))
    }

    /// No class.
    #[must_use]
    pub fn none(&self) -> PortMask {
        PortMask { words: vec![0; self.classes.len().div_ceil(64)] }
    }

    /// The classes of a mask.
    pub fn of<'a>(&'a self, mask: &'a PortMask) -> impl Iterator<Item = PortRange> + 'a {
        self.classes.iter().enumerate().filter(|(index, _)| mask.contains(*index)).map(|(_, class)| *class)
    }
}

/// A set of classes; all masks of one [`PortClasses`] have the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortMask {
    words: Vec<u64>,
}

impl PortMask {
    fn insert(&mut self, index: usize) {
        if let Some(word) = self.words.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn contains(&self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// Whether no class is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether a class is in both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(own, other)| own & other != 0)
    }

    /// Whether every class is in another mask, too.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(own, other)| own & !other == 0)
    }

    /// Adds the classes of another mask.
    pub fn add(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    /// Takes away the classes of another mask.
    pub fn remove(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= !other);
    }

    /// Keeps the classes that another mask has, too.
    pub fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= other);
    }
}

#[cfg(test)]
mod tests {
    use super::PortClasses;
    use crate::model::{PortRange, Protocol, Transport};
    use crate::plan::Ports;

    #[test]
    fn classes_begin_where_something_mentioned_begins_or_ends() {
        let tcp = Protocol::Transport(Transport::Tcp);
        let range = |first, last| PortRange { protocol: tcp, first, last };
        let ports = Ports::of(vec![range(80, 80), range(9000, 65_535)]);
        let classes = PortClasses::new([&ports, &Ports::Any], [443, -1, 70_000]);
        let found: Vec<(u16, u16)> =
            classes.iter().filter(|class| class.protocol == tcp).map(|class| (class.first, class.last)).collect();
        assert_eq!(found, [(1, 79), (80, 80), (81, 442), (443, 443), (444, 8999), (9000, 65_535)]);
        let mask = classes.mask(&ports);
        assert_eq!(classes.of(&mask).collect::<Vec<_>>(), [range(80, 80), range(9000, 65_535)]);
        assert!(!classes.mask(&Ports::Any).is_empty());
    }
}
