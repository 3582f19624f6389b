//! The findings of the program itself, FN10xx: what stands between a package and its compilation.

fleetnet_lang::codes! {
    /// A source file or lock that is not UTF-8.
    NOT_UTF8 = 1001, Error, "file that is not UTF-8";
}
