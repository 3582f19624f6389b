//! A package as the fragment of a link, in the form that the page reads: `playground/web/src/link.ts`.
//!
//! Nobody but the browser that opens a link sees its fragment.

use std::collections::BTreeMap;

use fleetnet_compiler::compile::World;
use serde::Serialize;

/// What the page accepts: bytes of the package's JSON, and letters of the fragment.
const MOST_BYTES: usize = 4 << 20;
const MOST_LETTERS: usize = 1 << 20;

/// What a fragment of this form begins with.
const PREFIX: &str = "#p1.";

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[derive(Serialize)]
struct Content {
    files: BTreeMap<String, String>,
    params: BTreeMap<String, String>,
}

/// A package that no link can hold.
#[derive(Debug)]
pub struct TooLarge;

/// The fragment that holds a package.
pub fn fragment(package: &dyn World) -> Result<String, TooLarge> {
    let files = package.sources().into_iter().chain(package.lock());
    let files = files.map(|file| (file.path.to_string(), file.text.to_string())).collect();
    let content = Content { files, params: BTreeMap::new() };
    let json = serde_json::to_vec(&content).map_err(|_| TooLarge)?;
    if json.len() > MOST_BYTES {
        return Err(TooLarge);
    }
    let fragment = format!("{PREFIX}{}", base64url(&miniz_oxide::deflate::compress_to_vec(&json, 9)));
    if fragment.len() > MOST_LETTERS { Err(TooLarge) } else { Ok(fragment) }
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
    use super::base64url;

    #[test]
    fn bytes_are_written_as_the_standard_says() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let expected = ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"];
        assert_eq!(texts.map(|text| base64url(text.as_bytes())), expected);
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }
}
