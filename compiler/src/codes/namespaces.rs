//! FN04xx: namespaces, identities, ownership.

fleetnet_lang::codes! {
    /// A namespace that belongs to the system.
    SYSTEM_NAMESPACE = 400, Error, "a namespace of the system";
    /// A namespace that is global where it does not exist.
    GLOBAL_ELSEWHERE = 401, Error, "global in a mesh that it is not in";
    /// A namespace that a tunnelled mesh has to know and does not.
    TUNNEL_NEEDS_GLOBAL = 402, Error, "a namespace that a tunnelled mesh must know";
    /// An export of pods that the mesh does not know.
    EXPORT_NOT_GLOBAL = 403, Error, "an export of a namespace that is not global";
    /// A rule between clusters whose subject is not known on the other side.
    SUBJECT_NOT_GLOBAL = 404, Warning, "a rule between clusters about pods that are not global";
    /// An identity without a cluster.
    RUNS_NOWHERE = 410, Error, "an identity that runs nowhere";
    /// Two identities that one pod can match.
    OVERLAPPING_IDENTITIES = 411, Error, "two identities that one pod can match";
    /// A namespace whose unlisted pods no selector of reasonable size can name.
    IRREGULAR_NAMESPACE = 412, Error, "identities too different to tell who is unlisted";
    /// A declaration for a namespace in a file that may not speak for it.
    FOREIGN_FILE = 420, Error, "a declaration in a file that may not speak for its namespace";
    /// A path in `files` where there is nothing.
    FILES_NOWHERE = 421, Warning, "a path of `files` where no file is";
}
