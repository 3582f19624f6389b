//! The findings of this crate: FN00xx about the form of a text, FN01xx about what single words say.

crate::codes! {
    /// A text that is larger than [`MAX_TEXT`](crate::MAX_TEXT).
    TEXT_TOO_LARGE = 1, Error, "file too large";
    /// A character that no token starts with.
    STRAY_CHARACTER = 2, Error, "character without a meaning";
    /// A string without its last quote.
    UNTERMINATED_STRING = 3, Error, "unterminated string";
    /// CEL without its last backtick.
    UNTERMINATED_CEL = 4, Error, "unterminated CEL";
    /// Something else stands where the grammar wants one thing.
    EXPECTED = 5, Error, "something else expected";
    /// A word at the start of a line that declares nothing.
    UNKNOWN_DECLARATION = 6, Error, "unknown declaration";
    /// A word that starts no statement of its block.
    UNKNOWN_STATEMENT = 7, Error, "unknown statement";
    /// A `{` without its `}`.
    UNCLOSED_BRACE = 8, Error, "unclosed brace";
    /// A `(` without its `)`.
    UNCLOSED_PARENTHESIS = 9, Error, "unclosed parenthesis";
    /// A `}` or `)` that closes nothing.
    UNMATCHED_CLOSER = 10, Error, "closes nothing";
    /// A statement that goes on in the next line without a comma.
    BROKEN_LINE = 11, Error, "statement over two lines";
    /// Two statements with neither a new line nor `;` between.
    MISSING_SEPARATOR = 12, Error, "two statements in one";
    /// A word that is none of the few that may stand there.
    UNKNOWN_CHOICE = 13, Error, "none of the choices";
    /// A word of the language used as a name.
    RESERVED_NAME = 14, Error, "reserved name";
    /// A construct that is right elsewhere.
    MISPLACED = 15, Error, "construct in the wrong place";
    /// Blocks inside blocks beyond any use.
    NESTED_TOO_DEEP = 16, Error, "nested too deep";
    /// The findings beyond the number that is reported for one file.
    MORE_ERRORS = 17, Note, "further errors not shown";
    /// A statement that may stand only once in its block.
    DUPLICATE_STATEMENT = 30, Error, "statement written twice";
    /// Two defaults for one direction.
    DUPLICATE_DEFAULT = 31, Error, "two defaults for one direction";
    /// A key or cluster that is given two values.
    DUPLICATE_KEY = 32, Error, "key written twice";
    /// A peer, a set of pods or a cluster that a list names twice.
    REPEATED_ITEM = 33, Warning, "written twice";
    /// A name that is no DNS-1123 label.
    BAD_NAME = 101, Error, "not a name";
    /// A name that should, or should not, have a namespace.
    BAD_NAMESPACED_NAME = 102, Error, "not a namespaced name";
    /// A number that is none, or out of range.
    BAD_NUMBER = 103, Error, "not a number in range";
    /// A percentage that is none, or out of range.
    BAD_PERCENT = 104, Error, "not a percentage";
    /// A duration that is none.
    BAD_DURATION = 105, Error, "not a duration";
    /// A CIDR that is none.
    BAD_CIDR = 106, Error, "not a CIDR";
    /// A CIDR whose address is not the first of its block.
    HOST_BITS = 107, Error, "CIDR with host bits";
    /// A port, a range of ports or a protocol that is none.
    BAD_PORT = 108, Error, "not a port";
    /// A label key that Kubernetes would refuse.
    BAD_LABEL_KEY = 109, Error, "not a label key";
    /// A label value that Kubernetes would refuse.
    BAD_LABEL_VALUE = 110, Error, "not a label value";
    /// A version that is none.
    BAD_VERSION = 111, Error, "not a version";
    /// An escape in a string that means nothing.
    BAD_ESCAPE = 112, Error, "unknown escape";
    /// A name or pattern of DNS that is none.
    BAD_DNS_NAME = 113, Error, "not a DNS name";
    /// A `waive` of something that is no code.
    BAD_CODE = 114, Error, "not a code";
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_number_stands_once_and_in_order() {
        assert!(super::ALL.is_sorted_by(|one, next| one.number < next.number));
    }
}
