//! FN097x: what maps have room for.

fleetnet_lang::codes! {
    /// A policy map that little more fits into.
    NEARLY_FULL = 970, Warning, "a policy map that is nearly full";
    /// A cluster that little more fits into.
    CLUSTER_NEARLY_FULL = 971, Warning, "a cluster whose maps are nearly full";
    /// More in one cluster than its maps hold.
    CLUSTER_FULL = 972, Error, "more in one cluster than its maps hold";
    /// More policy maps near their limit than one check counts.
    UNCOUNTED_MAPS = 973, Note, "policy maps that were too many to count";
    /// Policy maps near their limit in clusters whose release is not known.
    UNSURE_MAPS = 974, Note, "policy maps of a release that is not known";
    /// An inventory that is none, or none of the fleet's.
    BAD_INVENTORY = 975, Error, "an inventory that cannot be used";
}
