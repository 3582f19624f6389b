//! FN02xx: the package and its names.

fleetnet_lang::codes! {
    /// A package without its root.
    NO_FLEET = 200, Error, "no fleet";
    /// A package with two roots.
    TWO_FLEETS = 201, Error, "two fleets";
    /// A name declared twice in its kind.
    DUPLICATE_NAME = 202, Error, "declared twice";
    /// A name that nothing declares.
    UNKNOWN_NAME = 203, Error, "unknown name";
    /// A name of something that cannot stand here.
    WRONG_KIND = 204, Error, "a name of another kind";
    /// A declaration that needs itself.
    CYCLE = 205, Error, "a declaration that contains itself";
    /// A set without clusters.
    EMPTY_SET = 206, Error, "a set without clusters";
    /// A region that no cluster is in.
    UNKNOWN_REGION = 207, Error, "a region that no cluster is in";
    /// A label or annotation that is not the user's to set.
    RESERVED_KEY = 208, Error, "a reserved label or annotation";
    /// A word whose value is missing or does not fit.
    BAD_VALUE = 209, Error, "a value that does not fit";
    /// A declaration that lacks something it cannot be without.
    INCOMPLETE = 210, Error, "an incomplete declaration";
    /// Clusters of which some are not where the declaration can be.
    OUTSIDE = 211, Error, "clusters where it cannot be";
    /// A selector that nothing can satisfy.
    UNSATISFIABLE = 212, Error, "a selector that nothing satisfies";
    /// A second statement of something there is one of.
    SECOND = 213, Error, "there is already one";
    /// A system that nothing can be compiled for.
    UNKNOWN_TARGET = 220, Error, "unknown target";
    /// A setting that its target does not have.
    UNKNOWN_SETTING = 221, Error, "unknown setting of a target";
    /// A `policy-by` with a target that the fleet does not have there.
    UNDECLARED_TARGET = 222, Error, "a target that is not declared";
    /// A `$NAME` that is no parameter.
    UNKNOWN_PARAM = 230, Error, "unknown parameter";
    /// A value of a parameter that is not of its type.
    PARAM_TYPE = 231, Error, "a value of another type than the parameter";
    /// A value from outside for a parameter that there is not.
    UNKNOWN_OVERRIDE = 232, Error, "a value for an unknown parameter";
    /// A `waive` of something that cannot be waived.
    NOT_WAIVABLE = 240, Error, "a finding that cannot be waived";
    /// A `waive` of something that was not found.
    UNUSED_WAIVE = 241, Warning, "a waive that silences nothing";
    /// A declaration that nothing uses.
    UNUSED = 250, Warning, "declared and not used";
    /// A group without members.
    EMPTY_GROUP = 251, Warning, "a group that selects nobody";
    /// An `except` of what is not there.
    IDLE_EXCEPT = 252, Warning, "an exception that takes nothing away";
    /// A guard, which is not judged yet.
    NO_EFFECT = 260, Note, "checked, and without effect yet";
}
