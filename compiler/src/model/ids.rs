//! Typed indices into the model's tables, and sets of clusters.

use std::marker::PhantomData;
use std::ops::Range;

/// A typed index into a [`Table`].
pub trait Id: Copy {
    /// Place in the table.
    fn index(self) -> usize;
    /// The id of a place.
    fn at(index: usize) -> Self;
}

/// Rows addressed by an id of their own type. Ids are only made from the table that they index.
#[derive(Clone, Debug)]
pub struct Table<I, T> {
    rows: Vec<T>,
    ids: PhantomData<I>,
}

impl<I: Id, T> Table<I, T> {
    /// Adds a row.
    pub fn push(&mut self, row: T) -> I {
        self.rows.push(row);
        I::at(self.rows.len().saturating_sub(1))
    }

    /// Puts rows in the place of some. What stands behind them has another id afterwards, if they are not as many.
    pub fn splice(&mut self, at: Range<usize>, rows: Vec<T>) {
        self.rows.splice(at, rows);
    }

    /// The rows with their ids, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.rows.iter().enumerate().map(|(index, row)| (I::at(index), row))
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + use<I, T> {
        (0..self.rows.len()).map(I::at)
    }

    /// The rows, in order of their ids.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Self { rows: Vec::new(), ids: PhantomData }
    }
}

impl<I, T> From<Vec<T>> for Table<I, T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows, ids: PhantomData }
    }
}

impl<I: Id, T> std::ops::Index<I> for Table<I, T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "ids are only made from the table that they index")]
    fn index(&self, id: I) -> &T {
        &self.rows[id.index()]
    }
}

impl<I: Id, T> std::ops::IndexMut<I> for Table<I, T> {
    #[expect(clippy::indexing_slicing, reason = "ids are only made from the table that they index")]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.rows[id.index()]
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl Id for $name {
            fn index(self) -> usize {
                self.0 as usize
            }

            fn at(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
        }
    )*};
}

ids! {
    /// A mesh, in order of name.
    MeshId;
    /// A namespace, in order of name.
    NamespaceId;
    /// An identity, in order of namespace and name; the unlisted pods of a namespace are one of its identities.
    IdentityId;
    /// A group, in order of name.
    GroupId;
    /// An external, in order of name.
    ExternalId;
    /// A service, in order of namespace and name.
    ServiceId;
    /// A policy, in order of name.
    PolicyId;
    /// A rule as written, in the order of files and of their text. This is the number behind every map entry.
    RuleId;
}

/// A cluster, in order of name. A fleet has at most 255: the data path's ids end there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterId(pub u8);

impl Id for ClusterId {
    fn index(self) -> usize {
        usize::from(self.0)
    }

    fn at(index: usize) -> Self {
        Self(u8::try_from(index).unwrap_or(u8::MAX))
    }
}

/// A set of clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterSet {
    /// A bit for each, the lowest in the last word.
    words: [u64; WORDS],
}

const WORDS: usize = 4;

impl ClusterSet {
    /// The set without members.
    pub const EMPTY: Self = Self { words: [0; WORDS] };

    /// The set of one cluster.
    #[must_use]
    pub fn of(cluster: ClusterId) -> Self {
        let bit = 1_u64 << (cluster.0 & 63);
        Self {
            words: match cluster.0 >> 6 {
                0 => [0, 0, 0, bit],
                1 => [0, 0, bit, 0],
                2 => [0, bit, 0, 0],
                _ => [bit, 0, 0, 0],
            },
        }
    }

    /// The set of the first clusters, at most 256.
    #[must_use]
    pub fn first(count: usize) -> Self {
        let word = |from: usize| match count.saturating_sub(from) {
            bits @ 0..64 => (1 << bits) - 1,
            _ => u64::MAX,
        };
        Self { words: [word(192), word(128), word(64), word(0)] }
    }

    /// Adds a cluster.
    pub fn insert(&mut self, cluster: ClusterId) {
        *self = *self | Self::of(cluster);
    }

    /// Whether the cluster is a member.
    #[must_use]
    pub fn contains(self, cluster: ClusterId) -> bool {
        !(self & Self::of(cluster)).is_empty()
    }

    /// Whether nothing is a member.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// Number of members.
    #[must_use]
    pub fn len(self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The members that are not in `other`.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        self.with(other, |word, other| word & !other)
    }

    /// Whether every member is in `other`.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        self.less(other).is_empty()
    }

    /// The members in order.
    pub fn iter(self) -> ClusterSetIter {
        ClusterSetIter { left: self }
    }

    fn with(self, other: Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let mut words = self.words;
        words.iter_mut().zip(other.words).for_each(|(word, other)| *word = join(*word, other));
        Self { words }
    }
}

/// The members of a [`ClusterSet`], in order.
#[derive(Clone, Debug)]
pub struct ClusterSetIter {
    left: ClusterSet,
}

impl Iterator for ClusterSetIter {
    type Item = ClusterId;

    fn next(&mut self) -> Option<ClusterId> {
        let words = self.left.words.iter_mut().rev().zip([0, 64, 128, 192]);
        let (word, base) = words.into_iter().find(|(word, _)| **word != 0)?;
        let bit = u8::try_from(word.trailing_zeros()).ok()?;
        *word &= *word - 1;
        Some(ClusterId(base + bit))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.len(), Some(self.left.len()))
    }
}

impl ExactSizeIterator for ClusterSetIter {}

impl std::ops::BitOr for ClusterSet {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.with(other, |word, other| word | other)
    }
}

impl std::ops::BitAnd for ClusterSet {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        self.with(other, |word, other| word & other)
    }
}

impl FromIterator<ClusterId> for ClusterSet {
    fn from_iter<I: IntoIterator<Item = ClusterId>>(clusters: I) -> Self {
        clusters.into_iter().fold(Self::EMPTY, |set, cluster| set | Self::of(cluster))
    }
}
