//! The pages under `docs/diagnostics`, one for each kind of finding, are tests.
//!
//! - The first line is `# FN0412: SUMMARY`, with the summary that the code has; the file is `FN0412.md`. What it means follows.
//! - `## On live clusters` says what would come of it.
//! - `## Given` may hold what both programs share, mostly the fleet.
//! - `## Wrong` is a program with this finding, `## Right` one without. A block `fleetnet PATH` is a file of it; without a path it is
//!   `fleet.fleetnet` in `Given` and `shop.fleetnet` elsewhere. Whatever else a program gives is named in the section's text, by its code;
//!   nothing may be found that is not. A right program gives notes at most.
//!   A block `fleetnet times N` is a file of its own, its text N times with the numbers from 1 on for `{n}`.
//!   A block `set` holds what `--set` gives, a line each; a block `toml fleetnet.lock` is the lock, `toml inventory.toml` an inventory.
//! - A section that says "Found by a build." is built, not only checked.
//! - The pages of the program's own findings, of codes from 1000 on, hold sessions instead, which the program's tests run.
//! - `## When` stands in the place of both programs where no small one has the finding, and says why.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fleetnet_compiler::compile::{Goal, LOCK_FILE, Options, ParamValue, World, compile};
use fleetnet_lang::{Code, Diagnostic, Severity, SourceFile};

/// From here on codes are the program's own, whose tests hold their pages.
const PROGRAM: u16 = 1000;
/// At least so many pages have a finding with a fix.
const FIXED: usize = 15;
const BUILT: &str = "Found by a build.";
const SECTIONS: &[&str] = &["On live clusters", "Given", "Wrong", "Right", "When"];

/// The file of a block that stands for many of its kind.
const REPEATED: &str = "many.fleetnet";
const SET: &str = "set";
const LOCK: &str = "toml fleetnet.lock";
const INVENTORY: &str = "toml inventory.toml";

/// A package with a lock and an inventory.
struct Package {
    files: Vec<SourceFile>,
    lock: Option<SourceFile>,
    inventory: Option<SourceFile>,
}

impl World for Package {
    fn sources(&self) -> Vec<SourceFile> {
        self.files.clone()
    }

    fn lock(&self) -> Option<SourceFile> {
        self.lock.clone()
    }

    fn inventory(&self) -> Option<SourceFile> {
        self.inventory.clone()
    }
}

/// A page, cut at its headings; the text before the first is the title's.
struct Page {
    place: String,
    code: u16,
    title: String,
    sections: BTreeMap<String, String>,
}

#[test]
fn pages_are_about_codes_that_there_are() {
    let codes: BTreeMap<u16, Code> = codes().map(|code| (code.number, code)).collect();
    for page in pages().iter().filter(|page| page.code < PROGRAM) {
        let code = codes.get(&page.code).unwrap_or_else(|| panic!("{}: no finding has this code", page.place));
        assert_eq!(page.title, format!("# {code}: {}", code.summary), "{}", page.place);
    }
}

#[test]
fn every_code_has_a_page() {
    let pages: BTreeSet<u16> = pages().iter().map(|page| page.code).collect();
    let missing: Vec<String> =
        codes().filter(|code| !pages.contains(&code.number)).map(|code| code.to_string()).collect();
    assert!(missing.is_empty(), "without a page under docs/diagnostics: {}", missing.join(", "));
}

#[test]
fn the_index_leads_to_every_page_and_nowhere_else() {
    let index = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let linked: BTreeSet<String> =
        index.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0.to_owned()).collect();
    let pages: BTreeSet<String> = pages().into_iter().map(|page| page.place).collect();
    let differing: Vec<_> = linked.symmetric_difference(&pages).collect();
    assert!(differing.is_empty(), "linked without a page, or a page without a link: {differing:?}");
    // Each link says where it leads.
    assert!(linked.iter().all(|file| index.contains(&format!("[{}]({file})", file.trim_end_matches(".md")))));
}

#[test]
fn pages_have_the_sections_of_a_page() {
    for page in pages() {
        let has = |name: &str| page.sections.contains_key(name);
        assert!(page.sections.keys().all(|name| SECTIONS.contains(&name.as_str())), "{}", page.place);
        assert!(
            has("On live clusters") && has("Wrong") == has("Right") && has("Wrong") != has("When"),
            "{}",
            page.place
        );
        assert!(page.sections.values().all(|text| !text.trim().is_empty()), "{}: an empty section", page.place);
        assert!(!page.title.ends_with('.'), "{}", page.place);
    }
}

#[test]
fn wrong_programs_have_their_finding_and_right_ones_none() {
    let mut failures = Vec::new();
    for page in pages().iter().filter(|page| page.has_programs()) {
        for (name, own) in [("Wrong", Some(page.code)), ("Right", None)] {
            let named: BTreeSet<u16> = named(&page.prose(name)).chain(own).collect();
            let findings = page.findings(name);
            let found: BTreeSet<u16> = findings.iter().map(|finding| finding.code.number).collect();
            let is_note = |finding: &Diagnostic| finding.severity == Severity::Note;
            if found != named || (own.is_none() && !findings.iter().all(is_note)) {
                let shown: Vec<_> =
                    findings.iter().map(|found| format!("  {}: {}", found.code, found.message)).collect();
                failures.push(format!("{}: {name}: {named:?} expected\n{}", page.place, shown.join("\n")));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_a_wrong_program_has_as_a_fix_mends_it() {
    let mut mended = 0;
    for page in pages().iter().filter(|page| page.has_programs()) {
        let files = page.files("Wrong");
        let own = |files: &[SourceFile]| {
            let findings = page.compiled("Wrong", files.to_vec());
            findings.into_iter().filter(|finding| finding.code.number == page.code).collect::<Vec<_>>()
        };
        let found = own(&files);
        for (finding, fix) in found.iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?))) {
            let mut edited = files.clone();
            let file = edited.iter_mut().zip(0..).find(|(_, id)| *id == fix.span.file.0).unwrap().0;
            let mut text = file.text.to_string();
            text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            *file = SourceFile::new(file.path.clone(), text.as_str());
            assert!(own(&edited).len() < found.len(), "{}: {} is still found in\n{text}", page.place, finding.message);
            mended += 1;
        }
    }
    assert!(mended >= FIXED, "only {mended} fixes on pages");
}

impl Page {
    fn has_programs(&self) -> bool {
        self.code < PROGRAM && self.sections.contains_key("Wrong")
    }

    /// What a section says outside of its programs.
    fn prose(&self, section: &str) -> String {
        let text = self.sections.get(section).map_or("", String::as_str);
        text.split("```").step_by(2).collect()
    }

    fn findings(&self, section: &str) -> Vec<Diagnostic> {
        self.compiled(section, self.files(section))
    }

    /// The lines of a section's blocks of a kind.
    fn block(&self, section: &str, info: &str) -> Option<String> {
        let text = self.sections.get(section)?;
        common::read(&self.place, text).into_iter().find(|block| block.info == info).map(|block| block.text)
    }

    fn params(&self, section: &str) -> Vec<ParamValue> {
        let set = self.block(section, SET).unwrap_or_default();
        let param = |line: &str| {
            let (name, value) = line.split_once('=').unwrap();
            ParamValue { name: name.to_owned(), value: value.to_owned() }
        };
        set.lines().map(param).collect()
    }

    fn files(&self, section: &str) -> Vec<SourceFile> {
        let files = [("Given", "fleet.fleetnet"), (section, "shop.fleetnet")].into_iter().flat_map(|(name, path)| {
            let text = self.sections.get(name).map_or("", String::as_str);
            let blocks = common::read(&self.place, text).into_iter();
            let blocks = blocks.filter(|block| ![SET, LOCK, INVENTORY].contains(&block.info.as_str()));
            blocks.map(move |block| match block.info.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["fleetnet"] => SourceFile::new(path, block.text.as_str()),
                ["fleetnet", path] => SourceFile::new(*path, block.text.as_str()),
                ["fleetnet", "times", count] => SourceFile::new(REPEATED, repeated(&block.text, count)),
                _ => panic!("{}: `{}` is no file of a package", self.place, block.info),
            })
        });
        let files: Vec<_> = files.collect();
        assert!(!files.is_empty(), "{}: no program in {section}", self.place);
        files
    }

    fn compiled(&self, section: &str, files: Vec<SourceFile>) -> Vec<Diagnostic> {
        let goal = if self.prose(section).contains(BUILT) { Goal::Build } else { Goal::Check };
        let lock = self.block(section, LOCK).map(|text| SourceFile::new(LOCK_FILE, text.as_str()));
        let inventory = self.block(section, INVENTORY).map(|text| SourceFile::new("inventory.toml", text.as_str()));
        compile(&Package { files, lock, inventory }, &Options { params: self.params(section), goal }).diagnostics
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics")
}

fn codes() -> impl Iterator<Item = Code> {
    fleetnet_lang::codes::ALL.iter().copied().chain(fleetnet_compiler::codes::all())
}

/// All pages, in the order of their codes.
fn pages() -> Vec<Page> {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "README.md").collect();
    names.sort();
    assert!(!names.is_empty());
    names.iter().map(|name| page(name)).collect()
}

fn page(name: &str) -> Page {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let number = name.strip_prefix("FN").and_then(|name| name.strip_suffix(".md")).filter(|number| number.len() == 4);
    let code = number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{name} is named like no code"));
    let (title, rest) = text.split_once('\n').unwrap();
    let mut page = Page { place: name.to_owned(), code, title: title.to_owned(), sections: BTreeMap::new() };
    let mut fenced = false;
    let mut section = None;
    for line in rest.split_inclusive('\n') {
        fenced ^= line.starts_with("```");
        match line.strip_prefix("## ").filter(|_| !fenced) {
            Some(heading) => {
                let heading = heading.trim_end().to_owned();
                assert!(page.sections.insert(heading.clone(), String::new()).is_none(), "{name}: `{heading}` twice");
                section = Some(heading);
            }
            None => {
                if let Some(text) = section.as_ref().and_then(|heading| page.sections.get_mut(heading)) {
                    text.push_str(line);
                }
            }
        }
    }
    page
}

fn repeated(text: &str, count: &str) -> String {
    let count: usize = count.parse().unwrap();
    (1..=count).map(|number| text.replace("{n}", &number.to_string())).collect()
}

/// The codes that a text names.
fn named(text: &str) -> impl Iterator<Item = u16> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.strip_prefix("FN")?.parse().ok())
}
