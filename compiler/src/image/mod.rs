//! Map images: what a cluster's kernels must hold, entry by entry, with the rule behind each.
//!
//! An [`Image`] is checked when it is made, so that every one can be written, and reading a file gives the same checks again:
//! what [`file::read`] accepts is exactly what [`file::write`] writes.

use std::fmt;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;

pub mod content;
pub mod diff;
pub mod file;
pub mod live;
pub mod section;
pub mod tables;
pub mod text;

use section::Section;
use section::entry::{MapKind, RuleRef};
use section::error::SectionError;
use tables::{Header, IdentityRow, RuleRow};

/// The expected maps of one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    header: Header,
    sections: Vec<Section>,
    rules: Vec<RuleRow>,
    identities: Vec<IdentityRow>,
}

impl Image {
    /// An image of parts that fit together; sections, identities and labels may come in any order.
    pub fn new(
        header: Header,
        mut sections: Vec<Section>,
        rules: Vec<RuleRow>,
        mut identities: Vec<IdentityRow>,
    ) -> Result<Self, BuildError> {
        sections.sort_by_key(Section::map);
        identities.sort_by_key(|row| row.number);
        for row in &mut identities {
            row.labels.sort_unstable();
            row.labels.dedup();
        }
        let image = Self { header, sections, rules, identities };
        image.check()?;
        Ok(image)
    }

    /// Which maps of which cluster.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The maps, policy maps first, by subject.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// One map.
    #[must_use]
    pub fn section(&self, map: MapKind) -> Option<&Section> {
        self.sections.binary_search_by_key(&map, Section::map).ok().and_then(|place| self.sections.get(place))
    }

    /// The rules, in the order that [`RuleRef::Rule`] counts them.
    #[must_use]
    pub fn rules(&self) -> &[RuleRow] {
        &self.rules
    }

    /// The rule behind an entry, if a line of source is.
    #[must_use]
    pub fn rule(&self, rule: RuleRef) -> Option<&RuleRow> {
        match rule {
            RuleRef::Rule(number) => self.rules.get(number as usize),
            RuleRef::Default | RuleRef::None => None,
        }
    }

    /// What each number stands for, by number.
    #[must_use]
    pub fn identities(&self) -> &[IdentityRow] {
        &self.identities
    }

    /// What one number stands for.
    #[must_use]
    pub fn identity(&self, number: Identity) -> Option<&IdentityRow> {
        self.identities
            .binary_search_by_key(&number, |row| row.number)
            .ok()
            .and_then(|place| self.identities.get(place))
    }

    fn check(&self) -> Result<(), BuildError> {
        if self.header.cluster.is_empty() {
            return Err(BuildError::NamelessCluster);
        }
        if u32::try_from(self.rules.len()).is_ok_and(|rules| rules <= RuleRef::MAX_RULES) {
            self.check_identities()?;
            self.check_sections()
        } else {
            Err(BuildError::TooManyRules)
        }
    }

    fn check_identities(&self) -> Result<(), BuildError> {
        for (row, next) in self.identities.iter().zip(self.identities.iter().skip(1)) {
            if row.number == next.number {
                return Err(BuildError::DuplicateIdentity(row.number));
            }
        }
        match self.identities.iter().find(|row| !row.kind.fits(row.number)) {
            Some(row) => Err(BuildError::IdentityKind(row.number)),
            None => Ok(()),
        }
    }

    fn check_sections(&self) -> Result<(), BuildError> {
        for (section, next) in self.sections.iter().zip(self.sections.iter().skip(1)) {
            if section.map() == next.map() {
                return Err(BuildError::DuplicateMap(section.map()));
            }
        }
        for section in &self.sections {
            if section.abi() != self.header.abi {
                return Err(BuildError::OtherAbi {
                    map: section.map(),
                    found: section.abi(),
                    expected: self.header.abi,
                });
            }
            if let MapKind::Policy { subject } = section.map() {
                self.check_identity(section, subject)?;
            }
            self.check_entries(section)?;
        }
        Ok(())
    }

    fn check_entries(&self, section: &Section) -> Result<(), BuildError> {
        let mut known = Identity::ANY;
        for (rule, identity) in section.rules().zip(section.peers()) {
            if let RuleRef::Rule(number) = rule
                && number as usize >= self.rules.len()
            {
                return Err(BuildError::UnknownRule { map: section.map(), rule: number });
            }
            // Entries of one peer mostly stand together.
            if identity != known {
                self.check_identity(section, identity)?;
                known = identity;
            }
        }
        Ok(())
    }

    /// Reserved numbers mean the same everywhere and need no row.
    fn check_identity(&self, section: &Section, identity: Identity) -> Result<(), BuildError> {
        if identity.is_reserved() || self.identity(identity).is_some() {
            return Ok(());
        }
        Err(BuildError::UnknownIdentity { map: section.map(), identity })
    }
}

/// Why parts make no image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The cluster's name is empty.
    NamelessCluster,
    /// More rules than numbers for them.
    TooManyRules,
    /// Two rows of one number.
    DuplicateIdentity(Identity),
    /// The number lies outside of the range of what it is said to stand for.
    IdentityKind(Identity),
    /// Two sections of one map.
    DuplicateMap(MapKind),
    /// A section of another ABI than the image's.
    OtherAbi {
        /// Which map.
        map: MapKind,
        /// The section's.
        found: Abi,
        /// The image's.
        expected: Abi,
    },
    /// An entry names a rule that the table doesn't have.
    UnknownRule {
        /// Which map.
        map: MapKind,
        /// The rule's number.
        rule: u32,
    },
    /// A subject or peer that the identity table doesn't explain.
    UnknownIdentity {
        /// Which map.
        map: MapKind,
        /// The number.
        identity: Identity,
    },
    /// The entries of one map don't make a map.
    Section {
        /// Which map.
        map: MapKind,
        /// Why not.
        problem: SectionError,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamelessCluster => f.write_str("the cluster has no name"),
            Self::TooManyRules => write!(f, "more than {} rules", RuleRef::MAX_RULES),
            Self::DuplicateIdentity(number) => write!(f, "identity {number} stands in the table twice"),
            Self::IdentityKind(number) => write!(f, "identity {number} is outside of the numbers of its kind"),
            Self::DuplicateMap(map) => write!(f, "two sections for the {map}"),
            Self::OtherAbi { map, found, expected } => write!(f, "the {map} is of {found}, the image of {expected}"),
            Self::UnknownRule { map, rule } => write!(f, "the {map} names rule {rule}, which is not in the rule table"),
            Self::UnknownIdentity { map, identity } => {
                write!(f, "the {map} names identity {identity}, which is not in the identity table")
            }
            Self::Section { map, problem } => write!(f, "the {map}: {problem}"),
        }
    }
}

impl std::error::Error for BuildError {}
