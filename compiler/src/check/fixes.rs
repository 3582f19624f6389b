//! Edits that mend a finding where there is one way to do it.

use fleetnet_lang::{Sources, Span};

/// Takes a statement out, and what parted it from its neighbours.
pub(crate) fn removal(sources: &Sources, statement: Span) -> (Span, String) {
    let text = sources.get(statement.file).map_or("", |file| &file.text);
    let (start, end) = (statement.start as usize, statement.end as usize);
    let (before, after) = (text.get(..start).unwrap_or(""), text.get(end..).unwrap_or(""));
    let blank = |c: char| c == ' ' || c == '\t';
    let (to_left, to_right) = (before.trim_end_matches(blank), after.trim_start_matches(blank));
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let behind = |rest: &str| at(text.len().saturating_sub(rest.len()));
    let (start, end) = if let Some(rest) = to_right.strip_prefix(';') {
        (statement.start, behind(rest.trim_start_matches(blank)))
    } else if let Some(rest) = to_left.strip_suffix(';') {
        (at(rest.trim_end_matches(blank).len()), statement.end)
    } else if let (true, Some(rest)) = (to_left.is_empty() || to_left.ends_with('\n'), to_right.strip_prefix('\n')) {
        (at(to_left.len()), behind(rest))
    } else {
        (statement.start, behind(to_right))
    };
    (Span::new(statement.file, start, end), String::new())
}

/// Adds a statement to a declaration, at the start of its block.
pub(super) fn addition(sources: &Sources, name: Span, statement: &str) -> (Span, String) {
    let text = sources.get(name.file).map_or("", |file| &file.text);
    let rest = text.get(name.end as usize..).unwrap_or("");
    let Some(inside) = rest.trim_start().strip_prefix('{') else {
        return (Span::new(name.file, name.end, name.end), format!(" {{ {statement} }}"));
    };
    let place = u32::try_from(text.len().saturating_sub(inside.len())).unwrap_or(u32::MAX);
    let next = inside.trim_start();
    let gap = inside.get(..inside.len().saturating_sub(next.len())).unwrap_or("");
    let added = if next.starts_with('}') {
        format!(" {statement}")
    } else if gap.contains('\n') {
        // Below the brace, as deep as the statement that follows.
        let depth = gap.rsplit('\n').next().unwrap_or("");
        format!("\n{depth}{statement}")
    } else {
        format!(" {statement} ;")
    };
    (Span::new(name.file, place, place), added)
}

#[cfg(test)]
mod tests {
    use super::{addition, removal};
    use fleetnet_lang::{FileId, SourceFile, Sources, Span};

    fn edited(text: &str, place: &str, edit: impl Fn(&Sources, Span) -> (Span, String)) -> String {
        let sources = Sources::new(vec![SourceFile::new("a.fleetnet", text)]);
        let start = text.find(place).unwrap();
        let span = Span::new(FileId(0), u32::try_from(start).unwrap(), u32::try_from(start + place.len()).unwrap());
        let (span, replacement) = edit(&sources, span);
        let mut text = text.to_owned();
        text.replace_range(span.start as usize..span.end as usize, &replacement);
        text
    }

    #[test]
    fn a_statement_goes_with_what_parts_it_from_others() {
        let texts = [
            ("policy p { a ; bad ; c }", "policy p { a ; c }"),
            ("policy p { a ; bad }", "policy p { a }"),
            ("policy p { bad }", "policy p { }"),
            ("policy p {\n  a\n  bad\n  c\n}\n", "policy p {\n  a\n  c\n}\n"),
            ("policy p {\n  bad  # why\n  c\n}\n", "policy p {\n  # why\n  c\n}\n"),
            ("bad", ""),
        ];
        for (text, expected) in texts {
            assert_eq!(edited(text, "bad", removal), expected);
        }
    }

    #[test]
    fn a_statement_is_added_as_its_neighbours_are_written() {
        let texts = [
            ("namespace shop { in all }", "namespace shop { global in m ; in all }"),
            ("namespace shop {\n    in all\n}", "namespace shop {\n    global in m\n    in all\n}"),
            ("namespace shop { }", "namespace shop { global in m }"),
            ("namespace shop\nnamespace b", "namespace shop { global in m }\nnamespace b"),
        ];
        for (text, expected) in texts {
            assert_eq!(edited(text, "shop", |sources, span| addition(sources, span, "global in m")), expected);
        }
    }
}
