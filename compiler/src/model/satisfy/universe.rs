//! Every pod over two labels and an account, to compare answers with: a set small enough to look through and large enough for every case,
//! as the conditions mention two values of each key and pods may have a third.

use super::{Conjunction, Constraint, Key, Pod};
use crate::model::{ClusterId, ClusterSet, Condition, Labels, Name};

pub(super) struct Universe {
    pods: Vec<Pod>,
    state: u64,
}

impl Universe {
    pub(super) fn new(seed: u64) -> Self {
        let values = || [None, Some("x"), Some("y"), Some("z")];
        let mut pods = Vec::new();
        for (a, b) in values().into_iter().flat_map(|a| values().into_iter().map(move |b| (a, b))) {
            for account in ["default", "x", "y"] {
                let labels =
                    [("a", a), ("b", b)].into_iter().filter_map(|(key, value)| Some((key.into(), value?.into())));
                pods.push(Pod { labels: labels.collect::<Labels>(), account: account.into() });
            }
        }
        Self { pods, state: seed }
    }

    pub(super) fn pods(&self) -> &[Pod] {
        &self.pods
    }

    pub(super) fn some_conjunctions(&mut self) -> Vec<Conjunction> {
        (0..self.next(5)).map(|_| self.some_conjunction()).collect()
    }

    pub(super) fn some_conjunction(&mut self) -> Conjunction {
        let count = self.next(4);
        let start = Conjunction::default();
        (0..count).fold(start, |all, _| {
            let (key, condition) = self.some_condition();
            let constraint = Constraint::of(&condition);
            constraint.and_then(|constraint| all.clone().with(key, &constraint)).unwrap_or(all)
        })
    }

    pub(super) fn some_clusters(&mut self) -> ClusterSet {
        (0..3).filter(|_| self.next(2) == 0).map(ClusterId).collect()
    }

    fn some_condition(&mut self) -> (Key, Condition) {
        let key = [Key::Label("a".into()), Key::Label("b".into()), Key::Account][self.next(3)].clone();
        let values: Vec<Name> =
            [vec!["x"], vec!["y"], vec!["x", "y"]][self.next(3)].iter().copied().map(Name::from).collect();
        let condition = match self.next(6) {
            0 | 1 => Condition::In(values),
            2 | 3 => Condition::NotIn(values),
            4 => Condition::Exists,
            _ => Condition::Missing,
        };
        (key, condition)
    }

    /// xorshift64*: repeatable, and good enough to pick cases.
    fn next(&mut self, below: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % below
    }
}

/// `app=web tier!=front has:a missing:b account=x`; nothing where it can't be satisfied.
pub(super) fn conjunction(text: &str) -> Option<Conjunction> {
    text.split_whitespace().try_fold(Conjunction::default(), |all, word| {
        let (key, condition) = if let Some(key) = word.strip_prefix("has:") {
            (key, Condition::Exists)
        } else if let Some(key) = word.strip_prefix("missing:") {
            (key, Condition::Missing)
        } else if let Some((key, value)) = word.split_once("!=") {
            (key, Condition::NotIn(vec![value.into()]))
        } else {
            let (key, value) = word.split_once('=').unwrap();
            (key, Condition::In(vec![value.into()]))
        };
        let key = if key == "account" { Key::Account } else { Key::Label(key.into()) };
        all.with(key, &Constraint::of(&condition)?)
    })
}

pub(super) fn conjunctions(texts: &[&str]) -> Vec<Conjunction> {
    texts.iter().filter_map(|text| conjunction(text)).collect()
}
