//! FN06xx: weights.

fleetnet_lang::codes! {
    /// Weights where nothing can divide traffic.
    WEIGHTS_WITHOUT_EFFECT = 601, Error, "weights on a path that has none";
    /// A cluster that serves a path and has no weight on it.
    UNLISTED_CLUSTER = 602, Error, "a serving cluster without a weight";
    /// A weight for a cluster that does not serve the path.
    NOT_SERVING = 603, Error, "a weight for a cluster that does not serve";
    /// Weights that leave nobody.
    ALL_ZERO = 604, Error, "weights that are all zero";
    /// Weights that can't be realised closely enough.
    INEXACT_WEIGHTS = 605, Error, "weights that can't be realised closely enough";
    /// A zero that takes a cluster from another path too.
    ZERO_ELSEWHERE = 606, Error, "a zero that closes another path as well";
    /// Two entries that ask different shares of one service.
    ENTRIES_DISAGREE = 607, Error, "two entries that divide one service differently";
    /// Backends of one entry, some with weights and some without.
    MIXED_WEIGHTS = 608, Error, "backends with and without weights in one entry";
}
