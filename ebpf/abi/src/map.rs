//! Map types, flags, names and capacities, as the kernel and Cilium number them.

/// Where Cilium pins its maps.
pub const PIN_DIRECTORY: &str = "/sys/fs/bpf/tc/globals";
/// The pin of the map from address to identity.
pub const IPCACHE_PIN: &str = "cilium_ipcache_v2";

/// `BPF_F_NO_PREALLOC`: entries are allocated as they come; an LPM trie must have it.
pub const NO_PREALLOC: u32 = 0x01;
/// `BPF_F_RDONLY_PROG`: only user space writes.
pub const RDONLY_PROG: u32 = 0x80;

/// Entries of a policy map unless `bpf-policy-map-max` says otherwise.
pub const POLICY_MAP_DEFAULT: u32 = 16_384;
/// The least that `bpf-policy-map-max` is raised to.
pub const POLICY_MAP_MIN: u32 = 256;
/// The most that `bpf-policy-map-max` is cut to.
pub const POLICY_MAP_MAX: u32 = 65_536;
/// Entries of the ipcache, which no option changes.
pub const IPCACHE_MAX: u32 = 512_000;

/// The map types that images hold, by the kernel's numbers (`enum bpf_map_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum MapType {
    /// `BPF_MAP_TYPE_HASH`.
    Hash = 1,
    /// `BPF_MAP_TYPE_ARRAY`.
    Array = 2,
    /// `BPF_MAP_TYPE_LPM_TRIE`: the longest prefix wins.
    LpmTrie = 11,
    /// `BPF_MAP_TYPE_HASH_OF_MAPS`.
    HashOfMaps = 13,
}

impl MapType {
    /// The kernel's number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The name that `bpftool` prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Array => "array",
            Self::LpmTrie => "lpm_trie",
            Self::HashOfMaps => "hash_of_maps",
        }
    }
}

/// What a map must be created with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapSpec {
    /// The pin, or its fixed beginning where there is one map for each endpoint.
    pub name: &'static str,
    /// Type.
    pub map_type: MapType,
    /// Bytes of a key.
    pub key_size: usize,
    /// Bytes of a value.
    pub value_size: usize,
    /// Creation flags.
    pub flags: u32,
    /// The least capacity the agent creates it with.
    pub min_capacity: u32,
    /// The largest capacity the agent creates it with.
    pub max_capacity: u32,
}
