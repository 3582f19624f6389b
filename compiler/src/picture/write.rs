//! Text into the drawing. Everything that a package names goes through [`escaped`].

use std::fmt::Write as _;

use crate::analysis::graph;
use crate::model::PortRange;

/// Letters of a label of ports.
const MOST_PORTS: usize = 22;

/// A drawing under way.
#[derive(Debug, Default)]
pub struct Svg {
    text: String,
}

impl Svg {
    /// What has been written.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Opens an element.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push('>');
    }

    /// Closes the last one opened of a name.
    pub fn close(&mut self, name: &str) {
        let _ = write!(self.text, "</{name}>");
    }

    /// An element with nothing in it.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str("/>");
    }

    /// An element with text in it.
    pub fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.text.push_str(&escaped(text));
        self.close(name);
    }

    /// Text that is written as it is: our own style sheet.
    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.text, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"{}\"", escaped(value));
        }
    }
}

/// Text as XML has it. What XML can't hold at all is replaced.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, letter| {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            letter if letter.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&letter) => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
        escaped
    })
}

/// The beginning of a text, if all of it is too long.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// What is written at a line: as many of its ports as fit.
pub fn ports_label(ports: &[PortRange]) -> String {
    let words = graph::ports(ports);
    let mut label = String::new();
    for (turn, word) in words.iter().enumerate() {
        let more = words.len() - turn;
        if turn > 0 && label.len() + word.len() + 2 > MOST_PORTS {
            let _ = write!(label, " +{more}");
            break;
        }
        label.push_str(if turn > 0 { ", " } else { "" });
        label.push_str(word);
    }
    label
}

#[cfg(test)]
mod tests {
    use super::{Svg, cut, ports_label};
    use crate::model::{PortRange, Protocol, Transport};

    #[test]
    fn nothing_that_a_package_names_is_markup() {
        let mut svg = Svg::default();
        svg.text("text", &[("data-x", "\"><script>")], "</text><script>a\u{1}&'");
        let expected =
            "<text data-x=\"&quot;&gt;&lt;script&gt;\">&lt;/text&gt;&lt;script&gt;a\u{fffd}&amp;&#39;</text>";
        assert_eq!(svg.into_text(), expected);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!([cut("abc", 3), cut("abcd", 3)], ["abc", "ab…"]);
        let tcp = |first| PortRange { protocol: Protocol::Transport(Transport::Tcp), first, last: first };
        assert_eq!(ports_label(&[tcp(80)]), "80/tcp");
        assert_eq!(ports_label(&[tcp(8080), tcp(8081), tcp(8082), tcp(9000)]), "8080/tcp, 8081/tcp +2");
    }
}
