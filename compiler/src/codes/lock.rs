//! FN098x: the lock.

fleetnet_lang::codes! {
    /// A lock that is no lock.
    UNREADABLE = 980, Error, "an unreadable lock";
    /// A lock of another version.
    OTHER_VERSION = 981, Error, "a lock of another version";
    /// A number that no identity can have, or that two have.
    BAD_NUMBER = 982, Error, "an impossible identity number";
    /// More identities than a cluster has numbers for.
    EXHAUSTED = 983, Error, "more identities than numbers";
}
