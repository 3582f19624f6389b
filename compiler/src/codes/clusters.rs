//! FN03xx: clusters and the meshes between them.

fleetnet_lang::codes! {
    /// More clusters than the data path has ids for.
    TOO_MANY_CLUSTERS = 300, Error, "more than 255 clusters";
    /// A cluster without an id where nothing else gives it one.
    MISSING_ID = 301, Error, "a cluster without an id";
    /// An id that is none.
    BAD_ID = 302, Error, "an id outside 1..255";
    /// Two clusters with one id.
    SHARED_ID = 303, Error, "two clusters with one id";
    /// A name that the data path refuses for a cluster.
    BAD_CILIUM_NAME = 304, Error, "a name that Cilium refuses";
    /// Two clusters that the data path would take for one.
    SHARED_CILIUM_NAME = 305, Error, "two clusters with one Cilium name";
    /// An id whose highest bit the cluster's address management needs.
    HIGH_ID = 306, Error, "an id that the cluster's IPAM cannot have";
    /// Addresses that two clusters, or two uses in one, share.
    OVERLAPPING_CIDRS = 310, Error, "overlapping CIDRs";
    /// Members of a mesh that have no address family in common.
    NO_COMMON_FAMILY = 311, Error, "clusters without a common address family";
    /// A cluster in two meshes.
    TWO_MESHES = 320, Error, "a cluster in two meshes";
    /// A mesh of a single cluster.
    LONE_MEMBER = 321, Warning, "a mesh of one";
    /// A time to forget a lost cluster that a managed fleet does not take.
    FORGET_ON_MANAGED = 322, Error, "`forget-lost-after` on a managed fleet";
    /// A mesh that keeps the backends of a lost cluster for ever.
    NEVER_FORGETS = 323, Warning, "a lost cluster is never forgotten";
    /// Encryption that nothing sets and nothing shows.
    UNCONFIRMED_ENCRYPTION = 324, Warning, "encryption that nothing confirms";
    /// Clusters that may export, and of which none does.
    NO_EXPORTER = 325, Warning, "a mesh into which nobody exports";
    /// Clusters that are to get services, and of which none gets any.
    NO_CONSUMER = 326, Warning, "a mesh whose services nobody gets";
    /// A mesh whose condition no cluster meets.
    EMPTY_MESH = 327, Warning, "a mesh without members";
}
