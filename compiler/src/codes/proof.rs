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
}
