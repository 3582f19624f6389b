//! FN099x: map images.

fleetnet_lang::codes! {
    /// A policy map that cannot hold its entries.
    MAP_FULL = 990, Error, "a policy map that overflows";
    /// A cluster whose maps need its number and its data path's version first.
    IMAGE_WAITS = 991, Note, "a map image that waits for facts about its cluster";
    /// A data path whose maps this compiler does not compute.
    UNKNOWN_ENGINE = 992, Error, "a data path whose maps are not known";
    /// Entries that do not make up an image.
    BROKEN_IMAGE = 993, Error, "entries that make no image";
}
