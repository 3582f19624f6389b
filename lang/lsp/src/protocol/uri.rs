//! Paths as the URIs that clients know files by.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands as it is: RFC 3986's unreserved characters, and the slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The path of a file's URI; nothing if it is of something else, such as a buffer that was never saved.
pub fn path(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("file://")?;
    let path = rest.get(rest.find('/')?..)?;
    Some(percent_decode_str(path).decode_utf8().ok()?.into_owned())
}

/// The URI of a path.
pub fn of_path(path: &str) -> String {
    format!("file://{}", utf8_percent_encode(path, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::{of_path, path};

    #[test]
    fn any_path_comes_back() {
        for name in ["/a/b.fleetnet", "/a b/ä#?%.fleetnet"] {
            assert_eq!(path(&of_path(name)).as_deref(), Some(name));
        }
        assert_eq!(path("file://localhost/a%20b").as_deref(), Some("/a b"));
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("file:///%ff"), None);
    }
}
