//! FN08xx: CEL, tests and invariants.

fleetnet_lang::codes! {
    /// Text between backticks that is not CEL.
    CEL_SYNTAX = 801, Error, "CEL that does not parse";
    /// A field that what is asked about does not have.
    CEL_UNKNOWN_FIELD = 802, Error, "unknown field in CEL";
    /// A name that is neither the root nor bound by a macro.
    CEL_UNKNOWN_NAME = 803, Error, "unknown name in CEL";
    /// A function that there is not.
    CEL_UNKNOWN_FUNCTION = 804, Error, "unknown function in CEL";
    /// An operand of a type that its operator or function does not take.
    CEL_TYPE = 805, Error, "wrong type in CEL";
    /// A condition that is not true or false.
    CEL_NOT_BOOLEAN = 806, Error, "a CEL condition that is neither true nor false";
    /// `flow.port` in anything but a comparison with constants.
    CEL_PORT = 807, Error, "`flow.port` compared with something that is no constant";
    /// An expression beyond what is read.
    CEL_TOO_LARGE = 808, Error, "CEL too long or too deep";
    /// A word compared with a field that is never that word.
    CEL_NEVER = 809, Error, "a word that a field in CEL never is";
    /// A name in CEL that nothing in the fleet has.
    CEL_NOBODY = 810, Warning, "a name in CEL that nothing in the fleet has";
    /// An end of an assertion that nobody is.
    NOBODY_LEFT = 821, Error, "an end with nobody left";
    /// A `share` that leaves out a serving cluster.
    SHARE_INCOMPLETE = 822, Error, "a share that leaves out a cluster";
    /// Patterns or selectors that overlap in too many ways.
    TOO_MANY_CLASSES = 823, Error, "too many overlaps to prove anything";
    /// A flow that a test says passes, and that does not.
    CAN_FAILED = 830, Error, "a flow that should pass does not";
    /// A flow that a test says does not pass, and that does.
    CANNOT_FAILED = 831, Error, "a flow passes that should not";
    /// Connections that are sent elsewhere than a test says.
    SERVES_FAILED = 832, Error, "connections are sent elsewhere";
    /// A share that is another than a test says.
    SHARE_FAILED = 833, Error, "a share is another";
    /// An invariant that a flow breaks.
    INVARIANT_BROKEN = 840, Error, "a flow breaks an invariant";
}
