//! A package as the fragment of a link, in the form that the page reads: `playground/web/src/link.ts`.
//!
//! Nobody but the browser that opens a link sees its fragment.

use std::collections::BTreeMap;

use fleetnet_compiler::compile::LOCK_FILE;
use serde::Serialize;

/// What the page accepts: bytes of the package's JSON, letters of the fragment, files, params, and UTF-16 units of a path and of a param.
const MOST_BYTES: usize = 4 << 20;
const MOST_LETTERS: usize = 1 << 20;
const MOST_FILES: usize = 500;
const MOST_PARAMS: usize = 200;
const LONGEST_PATH: usize = 200;
const LONGEST_PARAM: usize = 1000;

/// What a fragment of this form begins with.
const PREFIX: &str = "#p1.";

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[derive(Serialize)]
struct Content {
    files: BTreeMap<String, String>,
    params: BTreeMap<String, String>,
}

/// Why no link holds a package.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("it has no source file")]
    NoSource,
    #[error("it has {count} files, and a link holds at most {MOST_FILES}")]
    Files { count: usize },
    #[error("`{path}` has more than {LONGEST_PATH} characters in its name")]
    LongName { path: String },
    #[error("`{path}` has a name that no link holds: letters, digits, `-`, `_`, `.`, spaces, with `/` between folders")]
    Name { path: String },
    #[error("a link holds at most {MOST_PARAMS} params, of {LONGEST_PARAM} characters each")]
    Params,
    #[error("it is too large: {MOST_BYTES} bytes at most, and {MOST_LETTERS} when packed")]
    Size,
}

/// The fragment that holds the texts of a package by path, and values of its params by name.
pub fn fragment(files: BTreeMap<String, String>, params: BTreeMap<String, String>) -> Result<String, Unfit> {
    if files.len() > MOST_FILES {
        return Err(Unfit::Files { count: files.len() });
    }
    files.keys().try_for_each(|path| check_path(path))?;
    if files.keys().all(|path| path == LOCK_FILE) {
        return Err(Unfit::NoSource);
    }
    let units = |text: &str| text.encode_utf16().count();
    let is_long = |(name, value): (&String, &String)| units(name) + units(value) > LONGEST_PARAM;
    if params.len() > MOST_PARAMS || params.iter().any(is_long) {
        return Err(Unfit::Params);
    }
    let json = serde_json::to_vec(&Content { files, params }).map_err(|_| Unfit::Size)?;
    if json.len() > MOST_BYTES {
        return Err(Unfit::Size);
    }
    let fragment = format!("{PREFIX}{}", base64url(&miniz_oxide::deflate::compress_to_vec(&json, 9)));
    if fragment.len() > MOST_LETTERS { Err(Unfit::Size) } else { Ok(fragment) }
}

/// As `playground/web/src/source.ts` has it.
fn check_path(path: &str) -> Result<(), Unfit> {
    if path.encode_utf16().count() > LONGEST_PATH {
        return Err(Unfit::LongName { path: path.to_owned() });
    }
    let fits = path == LOCK_FILE || (path.ends_with(".fleetnet") && path.split('/').all(is_segment));
    if fits { Ok(()) } else { Err(Unfit::Name { path: path.to_owned() }) }
}

fn is_segment(segment: &str) -> bool {
    let begins = |letter: char| letter.is_alphanumeric() || "_@+".contains(letter);
    let mut letters = segment.chars();
    letters.next().is_some_and(begins) && letters.all(|letter| begins(letter) || " .-".contains(letter))
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            let letter = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(LETTERS.get(letter as usize).copied().unwrap_or_default()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{LONGEST_PARAM, MOST_FILES, Unfit, base64url, check_path, fragment};

    #[test]
    fn bytes_are_written_as_the_standard_says() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let expected = ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"];
        assert_eq!(texts.map(|text| base64url(text.as_bytes())), expected);
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }

    /// What the page's own tests hold against the page.
    #[test]
    fn names_are_those_that_the_page_opens() {
        let names: BTreeMap<String, Vec<String>> =
            serde_json::from_str(include_str!("../../../tests/browser/names.json")).expect("it is JSON");
        for path in &names["accepted"] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        for path in &names["refused"] {
            assert_eq!(check_path(path), Err(Unfit::Name { path: path.clone() }));
        }
    }

    #[test]
    fn what_no_link_holds_is_said() {
        let files = |paths: &mut dyn Iterator<Item = String>| paths.map(|path| (path, String::new())).collect();
        let check = |paths: &mut dyn Iterator<Item = String>, expected| {
            assert_eq!(fragment(files(paths), BTreeMap::new()), Err(expected));
        };
        let many = |count| (0..count).map(|number| format!("{number}.fleetnet"));
        check(&mut many(MOST_FILES + 1), Unfit::Files { count: MOST_FILES + 1 });
        check(&mut std::iter::once("fleetnet.lock".to_owned()), Unfit::NoSource);
        let long = format!("{}.fleetnet", "a".repeat(200));
        check(&mut std::iter::once(long.clone()), Unfit::LongName { path: long });
        assert!(fragment(files(&mut many(MOST_FILES)), BTreeMap::new()).is_ok());
        let set = |value: String| fragment(files(&mut many(1)), BTreeMap::from([("size".to_owned(), value)]));
        assert_eq!(set("1".repeat(LONGEST_PARAM)), Err(Unfit::Params));
        assert_ne!(set("1".to_owned()), set("2".to_owned()));
    }
}
