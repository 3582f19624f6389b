//! FN09xx: targets, phases, images, lock.

fleetnet_lang::codes! {
    /// The data path's id or name of a cluster is not known yet, so what names clusters is not built.
    WAITS_FOR_NAMES = 901, Note, "waits for data-path names";
    /// A pattern of DNS names that a data path reads differently.
    NAME_PATTERN = 903, Error, "a pattern of names that the data path reads differently";
    /// SCTP where the data path has it off and nobody may turn it on.
    SCTP_OFF = 904, Error, "sctp where it is off";
    /// A label key that the data path cannot select by.
    LABEL_KEY = 905, Error, "a label key that the data path cannot select by";
    /// A cluster that offers a service and may not get it, where both are one.
    ONE_WAY_EXPORT = 906, Error, "an offer that can't go one way only";
    /// A headless service where only services with an address are joined.
    HEADLESS_EXPORT = 907, Error, "a headless service that cannot be exported";
    /// Where the other members reach a cluster's mesh API server.
    MESH_ADDRESS = 908, Error, "a cluster that its mesh cannot reach";
    /// A value that a target's setting cannot have.
    TARGET_SETTING = 909, Error, "a setting with a value it cannot have";
    /// Pods of a mesh that no one block holds.
    SCATTERED_PODS = 911, Warning, "pods of a mesh in blocks far apart";
    /// A target that nothing is built for yet.
    TARGET_NOT_BUILT = 910, Error, "a target that is not built yet";
    /// A fleet that nothing can be built for, since it has no target.
    WITHOUT_TARGET = 913, Error, "a build without a target";
    /// A namespace and its services, made where they are not declared so that names resolve there.
    STUB = 914, Note, "a namespace that is made for services of other clusters";
    /// Releases of one fleet that read the same text differently.
    CHANGED_DEFAULT = 915, Note, "a default that changed between the releases of a fleet";
    /// A mistake of a release that would change who may talk.
    AVOIDED_BUG = 916, Note, "a mistake of a release that what is built goes around";
    /// A construct on clusters where no target of the fleet can make anything of it.
    NO_TARGET = 912, Error, "what no target can make anything of";
}
