//! What is answered to a request: a file of the page, or why not.

use std::fmt::Write as _;

/// Bytes of a request's head; a browser's is about one thousand.
pub const MOST_HEAD: usize = 16 << 10;

/// The page's own policy says the same; here it also holds for what is not HTML, and names who may frame it: nobody.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; \
                      style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    status: &'static str,
    kind: &'static str,
    body: &'static [u8],
    keep: Keep,
    /// Whether the body is left out.
    method: Method,
}

/// For how long a browser may keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// Its name changes with its content.
    Forever,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Get,
    Head,
}

/// What a request gets; nothing while its head is not whole. `file` knows the files of the page.
pub fn answer(head: &[u8], port: u16, file: &dyn Fn(&str) -> Option<&'static [u8]>) -> Option<Answer> {
    let mut headers = [httparse::EMPTY_HEADER; 96];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Partial) if head.len() < MOST_HEAD => return None,
        Ok(httparse::Status::Partial) => return Some(refusal("431 Request Header Fields Too Large")),
        Err(_) => return Some(refusal("400 Bad Request")),
        Ok(httparse::Status::Complete(_)) => {}
    }
    // Another name for this address is another site's, which would then count as our own origin.
    let mut hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
    let host = hosts.next().map(|header| header.value);
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    if hosts.next().is_some() || !ours.iter().any(|own| host == Some(own.as_bytes())) {
        return Some(refusal("421 Misdirected Request"));
    }
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some(_) | None => return Some(refusal("405 Method Not Allowed")),
    };
    let path = request.path.unwrap_or_default().split('?').next().unwrap_or_default();
    let name = path.strip_prefix('/').map(|name| if name.is_empty() { "index.html" } else { name });
    let Some((name, body)) = name.and_then(|name| Some((name, file(name)?))) else {
        return Some(refusal("404 Not Found"));
    };
    let keep = if name == "index.html" { Keep::Not } else { Keep::Forever };
    Some(Answer { status: "200 OK", kind: kind(name), body, keep, method })
}

fn refusal(status: &'static str) -> Answer {
    let body = status.as_bytes();
    Answer { status, kind: "text/plain; charset=utf-8", body, keep: Keep::Not, method: Method::Get }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some(_) | None => "application/octet-stream",
    }
}

impl Answer {
    /// Head and body as they are sent. Each answer ends its connection.
    pub fn parts(&self) -> (String, &'static [u8]) {
        let keep = match self.keep {
            Keep::Forever => "public, max-age=31536000, immutable",
            Keep::Not => "no-store",
        };
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in [
            ("Content-Type", self.kind),
            ("Content-Length", &*self.body.len().to_string()),
            ("Cache-Control", keep),
            ("Content-Security-Policy", POLICY),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
        ] {
            // Writing to a string does not fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        let body = match self.method {
            Method::Get => self.body,
            Method::Head => &[],
        };
        (head, body)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_HEAD, answer};

    fn file(name: &str) -> Option<&'static [u8]> {
        match name {
            "index.html" => Some(b"<p>"),
            "a.wasm" => Some(b"\0asm"),
            _ => None,
        }
    }

    #[track_caller]
    fn check(request: &str, expected: &str) {
        let answer = answer(request.as_bytes(), 8000, &file).expect("the head is whole");
        let (head, body) = answer.parts();
        assert!(head.starts_with(&format!("HTTP/1.1 {expected}")), "{head}");
        assert!(head.contains("\r\nX-Content-Type-Options: nosniff\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        assert_eq!(body.is_empty(), request.starts_with("HEAD"), "{head}");
    }

    #[test]
    fn files_come_with_their_types() {
        check("GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n", "200 OK\r\nContent-Type: text/html");
        check("GET /a.wasm?x HTTP/1.1\r\nhost: localhost:8000\r\n\r\n", "200 OK\r\nContent-Type: application/wasm");
        check("HEAD /a.wasm HTTP/1.1\r\nHost: localhost:8000\r\n\r\n", "200 OK\r\nContent-Type: application/wasm");
    }

    #[test]
    fn everything_else_is_refused() {
        check("GET / HTTP/1.1\r\nHost: evil.example:8000\r\n\r\n", "421");
        check("GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nHost: evil.example\r\n\r\n", "421");
        check("GET / HTTP/1.1\r\n\r\n", "421");
        check("POST / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n", "405");
        check("GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n", "404");
        check("\u{1}\r\n\r\n", "400");
        check(&format!("GET /{} ", "a".repeat(MOST_HEAD)), "431");
        assert_eq!(answer(b"GET / HTTP/1.1\r\nHost:", 8000, &file), None);
    }
}
