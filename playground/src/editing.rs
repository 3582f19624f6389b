//! What an editor asks while somebody types. It is answered from the trees of the texts as they are at that moment, before they are compiled.

use std::ops::Range;

use fleetnet_compiler::compile::World;
use fleetnet_compiler::plan::Plan;
use fleetnet_lang::{FileId, SourceFile, Span};
use fleetnet_lsp::completion::{ItemKind, completion};
use fleetnet_lsp::definition::definition;
use fleetnet_lsp::formatting::formatting;
use fleetnet_lsp::hints::hints;
use fleetnet_lsp::hover::{Declared, hover};
use fleetnet_lsp::lens::{Lens, counted, lenses};
use fleetnet_lsp::meaning::{Meaning, Partner};
use fleetnet_lsp::names::definitions_of;
use fleetnet_lsp::rename::{Refused, rename, renamed};
use fleetnet_lsp::signature::signature;
use fleetnet_lsp::symbols::{Outlined, outline};
use fleetnet_lsp::{Package as Trees, Place as Cursor};
use serde::{Deserialize, Serialize};

use crate::findings::Place;
use crate::shapes::Package;

/// Most words that are offered.
const MOST_ITEMS: usize = 400;

/// Most hints of a file that are shown, and most lenses.
const MOST_NOTES: usize = 1000;

/// Most names of a list that is shown.
const MOST_NAMES: usize = 20;

/// A question about a place: of the open file as it is by now, which may be newer than what was last checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    path: String,
    text: String,
    /// From 1.
    line: u32,
    /// UTF-16 units of the line before the place.
    unit: u32,
    /// The new name, of who asks to rename.
    #[serde(default)]
    name: String,
}

impl Asked {
    /// The file that it is about.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// The trees of a package, read again only where its texts have changed.
#[derive(Debug, Default)]
pub struct Editing {
    trees: Trees,
    meaning: Option<Meaning>,
    /// The file that the meaning was worked out for; none once the package may mean something else.
    meant: Option<FileId>,
}

impl Editing {
    /// The package is compiled anew: what it meant stays until it is asked for.
    pub fn compiled(&mut self) {
        self.meant = None;
    }

    /// Works out what the package means for who looks at a file, unless that is known. The trees are of the texts that were compiled.
    pub fn understand(&mut self, plan: &Plan, path: &str) {
        let Some(file) = self.trees.find(path).filter(|file| self.meant != Some(*file)) else { return };
        self.meaning = Some(Meaning::new(self.trees.clone(), plan.clone(), &[file].into()));
        self.meant = Some(file);
    }

    /// Takes the texts of a package, its lock among them.
    pub fn follow(&mut self, package: &Package) {
        let mut sources = package.sources();
        sources.extend(package.lock());
        let same_paths = self.trees.files().count() == sources.len()
            && sources.iter().all(|source| self.trees.find(&source.path).is_some());
        if !same_paths {
            self.trees = Trees::new(sources);
            return;
        }
        for source in sources {
            self.set(&source);
        }
    }

    /// The trees with the file of a question as it is there, and the place that is asked about.
    pub fn at<'a>(&'a mut self, asked: &'a Asked) -> Option<At<'a>> {
        let source = SourceFile::new(asked.path.as_str(), asked.text.as_str());
        self.trees.find(&source.path)?;
        self.set(&source);
        let cursor = Cursor { file: self.trees.find(&source.path)?, offset: offset(&source, asked.line, asked.unit) };
        Some(At { trees: &self.trees, meaning: self.meaning.as_ref(), cursor, name: &asked.name })
    }

    /// The outlines of all files.
    pub fn outlines(&self) -> Vec<FileOutline> {
        let with_tree = self.trees.files().filter(|(_, file)| file.tree.is_some());
        let outlines = with_tree.map(|(id, file)| FileOutline {
            path: file.source.path.to_string(),
            items: outline(&self.trees, id).into_iter().map(|line| OutlineItem::of(&self.trees, line)).collect(),
        });
        outlines.collect()
    }

    fn set(&mut self, source: &SourceFile) {
        let same = |id: FileId| self.trees.file(id).is_some_and(|file| file.source.text == source.text);
        if !self.trees.find(&source.path).is_some_and(same) {
            self.trees.set(&source.path, source.text.clone());
        }
    }
}

/// A place in a package that is being written.
pub struct At<'t> {
    trees: &'t Trees,
    /// What the package meant when it was last understood.
    meaning: Option<&'t Meaning>,
    cursor: Cursor,
    /// What a name is to be called.
    name: &'t str,
}

impl At<'_> {
    pub fn completion(&self) -> Completion {
        let found = completion(self.trees, self.cursor);
        let items = found.items.into_iter().take(MOST_ITEMS);
        Completion {
            place: found.span.and_then(|span| place(self.trees, span)),
            items: items.map(|item| Item { text: item.text, kind: kind(item.kind), detail: item.detail }).collect(),
        }
    }

    pub fn signature(&self) -> Option<Signature> {
        let found = signature(self.trees, self.cursor)?;
        let part = found.parts.get(found.active)?;
        let piece = |part: Range<usize>| found.form.get(part).unwrap_or_default();
        Some(Signature {
            before: piece(0..part.start),
            active: piece(part.clone()),
            behind: piece(part.end..found.form.len()),
            about: found.about,
            begun: found.is_begun(),
        })
    }

    pub fn hover(&self) -> Option<Hover> {
        let found = hover(self.trees, self.meaning, self.cursor)?;
        Some(Hover {
            place: place(self.trees, found.span)?,
            declared: found.declared.into_iter().map(Declaration::from).collect(),
        })
    }

    pub fn definitions(&self) -> Vec<Place> {
        let targets = definition(self.trees, self.cursor).into_iter();
        targets.filter_map(|target| place(self.trees, target.name)).collect()
    }

    /// The name that would be replaced.
    pub fn renamed(&self) -> Result<Named, String> {
        let span = renamed(self.trees, self.cursor);
        let named = span
            .and_then(|span| Some(Named { name: self.trees.text(span).to_owned(), place: place(self.trees, span)? }));
        named.ok_or_else(|| Refused::NoName.to_string())
    }

    pub fn rename(&self) -> Result<Vec<Edit>, String> {
        let edits = rename(self.trees, self.cursor, self.name).map_err(|refused| refused.to_string())?;
        Ok(edits.into_iter().map(|edit| Edit::of(self.trees, edit.span, edit.text)).collect())
    }

    /// What is shown in the file and is none of its text; nothing before the package means anything.
    pub fn notes(&self) -> Option<Notes> {
        let file = self.cursor.file;
        let meaning = self.meaning?;
        let hints = hints(self.trees, meaning, Span::new(file, 0, u32::MAX)).into_iter().take(MOST_NOTES);
        let lenses = lenses(self.trees, meaning, file).into_iter().take(MOST_NOTES);
        Some(Notes {
            hints: hints
                .map(|hint| Note { place: self.point(hint.at), text: hint.label, detail: hint.detail })
                .collect(),
            lenses: lenses.map(|lens| Line { place: place(self.trees, lens.span), text: lens.title }).collect(),
        })
    }

    /// Who reaches what the lens at a place stands above, and whom it reaches.
    pub fn reached(&self) -> Option<Reachable> {
        let meaning = self.meaning?;
        let Cursor { file, offset } = self.cursor;
        let is_there = |lens: &Lens| lens.span.start <= offset && offset <= lens.span.end;
        let lens = lenses(self.trees, meaning, file).into_iter().find(is_there)?;
        let reached = meaning.reached(lens.kind, &lens.name)?;
        let list = |partners: Vec<Partner>| partners.into_iter().map(|partner| self.listed(partner)).collect();
        Some(Reachable { name: lens.name, by: list(reached.by), reaches: list(reached.reaches) })
    }

    fn listed(&self, partner: Partner) -> Listed {
        let declared = partner.identity.and_then(|symbol| {
            let symbols = [symbol].into();
            definitions_of(self.trees, &symbols).next().map(|definition| definition.name)
        });
        let place = declared.and_then(|span| place(self.trees, span));
        Listed { name: partner.name, ports: partner.ports, place }
    }

    fn point(&self, Cursor { file, offset }: Cursor) -> Option<Place> {
        place(self.trees, Span::new(file, offset, offset))
    }

    /// What gives the file its layout.
    pub fn format(&self) -> Vec<Edit> {
        let edits = formatting(self.trees, self.cursor.file).into_iter();
        edits.map(|edit| Edit::of(self.trees, edit.span, edit.text)).collect()
    }
}

/// What could be typed.
#[derive(Debug, Serialize)]
pub struct Completion {
    /// What it would replace.
    #[serde(flatten)]
    place: Option<Place>,
    items: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Item {
    text: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The page has a look for each of these.
fn kind(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Name(_) => "name",
        ItemKind::BuiltIn => "built-in",
        ItemKind::LabelKey | ItemKind::Field => "property",
        ItemKind::LabelValue => "value",
        ItemKind::Keyword => "keyword",
    }
}

/// How a statement is written: its form, apart around the part that is being written.
#[derive(Debug, Serialize)]
pub struct Signature {
    before: &'static str,
    active: &'static str,
    behind: &'static str,
    /// What it says.
    about: &'static str,
    /// Whether it is shown to whoever did not ask.
    begun: bool,
}

/// What is known of a name.
#[derive(Debug, Serialize)]
pub struct Hover {
    #[serde(flatten)]
    place: Place,
    declared: Vec<Declaration>,
}

#[derive(Debug, Serialize)]
struct Declaration {
    head: String,
    doc: Option<String>,
    /// What it comes to, in sentences, names between backticks.
    facts: Vec<String>,
}

impl From<Declared> for Declaration {
    fn from(declared: Declared) -> Self {
        let facts = facts(&declared);
        Self { head: declared.head, doc: declared.doc, facts }
    }
}

fn facts(declared: &Declared) -> Vec<String> {
    let clusters = declared.clusters.as_deref().map(|clusters| match clusters {
        [] => "in no cluster".to_owned(),
        clusters => format!("in {}", quoted(clusters)),
    });
    let members = declared.members.iter();
    let members = members.map(|some| format!("in {}: {}", quoted(&some.clusters), quoted(&some.identities)));
    let reached = declared.reached.iter();
    let reached = reached.flat_map(|reached| {
        [format!("reached by {}", counted(&reached.by)), format!("reaches {}", counted(&reached.reaches))]
    });
    let divided = declared.divided.iter().map(|divided| {
        let parts: Vec<String> = divided.parts.iter().map(|(cluster, part)| format!("`{cluster}` {part}")).collect();
        format!("`{}` gives {}", divided.path, parts.join(", "))
    });
    clusters.into_iter().chain(members).chain(reached).chain(divided).collect()
}

fn quoted(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let shown = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`"));
    shown.chain((more > 0).then(|| format!("{more} more"))).collect::<Vec<_>>().join(", ")
}

/// What is shown in a file and is none of its text.
#[derive(Debug, Serialize)]
pub struct Notes {
    /// Behind what they are about.
    hints: Vec<Note>,
    /// Above the names that they are about.
    lenses: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Note {
    #[serde(flatten)]
    place: Option<Place>,
    text: String,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    place: Option<Place>,
    text: String,
}

/// Who reaches something, and whom it reaches.
#[derive(Debug, Serialize)]
pub struct Reachable {
    name: String,
    by: Vec<Listed>,
    reaches: Vec<Listed>,
}

/// The other end of flows that pass.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    ports: Vec<String>,
    /// Where it is declared.
    #[serde(flatten)]
    place: Option<Place>,
}

/// A name that can be another.
#[derive(Debug, Serialize)]
pub struct Named {
    name: String,
    #[serde(flatten)]
    place: Place,
}

/// One replacement.
#[derive(Debug, Serialize)]
pub struct Edit {
    replacement: String,
    #[serde(flatten)]
    place: Option<Place>,
}

impl Edit {
    fn of(trees: &Trees, span: Span, replacement: String) -> Self {
        Self { replacement, place: place(trees, span) }
    }
}

/// What a file declares.
#[derive(Debug, Serialize)]
pub struct FileOutline {
    path: String,
    items: Vec<OutlineItem>,
}

#[derive(Debug, Serialize)]
struct OutlineItem {
    name: String,
    keyword: String,
    #[serde(flatten)]
    place: Option<Place>,
    parts: Vec<OutlineItem>,
}

impl OutlineItem {
    fn of(trees: &Trees, line: Outlined) -> Self {
        let place = place(trees, line.place);
        let parts = line.parts.into_iter().map(|part| Self::of(trees, part)).collect();
        Self { name: line.name, keyword: line.keyword, place, parts }
    }
}

fn place(trees: &Trees, span: Span) -> Option<Place> {
    trees.file(span.file).map(|file| Place::in_file(span, &file.source))
}

/// The byte of a place; behind the end of a line or of the text, that end.
fn offset(source: &SourceFile, line: u32, unit: u32) -> u32 {
    let Some((start, text)) = source.line(line.saturating_sub(1)) else {
        return u32::try_from(source.text.len()).unwrap_or(u32::MAX);
    };
    let mut units = 0_u32;
    let before = text.chars().take_while(|c| {
        units = units.saturating_add(u32::try_from(c.len_utf16()).unwrap_or(0));
        units <= unit
    });
    let bytes: usize = before.map(char::len_utf8).sum();
    start.saturating_add(u32::try_from(bytes).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Session;

    const FLEET: &str = "fleet f { target cilium }\n# é \u{1f578}\nidentity shop/web { match app = web }\nidentity shop/cart { match app = cart }\n";
    const RULES: &str = "policy p { allow shop/web -> shop/cart on 80/tcp }\n";

    fn session() -> Session {
        let mut session = Session::new();
        session.check(&json!({ "files": { "a.fleetnet": FLEET, "b.fleetnet": RULES } }).to_string());
        session
    }

    fn at(text: &str, line: u32, unit: u32) -> String {
        json!({ "path": "b.fleetnet", "text": text, "line": line, "unit": unit }).to_string()
    }

    fn read(answer: &str) -> Value {
        serde_json::from_str(answer).unwrap()
    }

    #[test]
    fn an_answer_is_of_the_text_as_it_is_typed() {
        let text = "# \u{1f578} \u{1f578}\npolicy p { allow shop/web -> shop/";
        let found = read(&session().complete(&at(text, 2, 34)));
        let words: Vec<&str> =
            found["items"].as_array().unwrap().iter().map(|item| item["text"].as_str().unwrap()).collect();
        assert!(words.contains(&"shop/cart"), "{found:#}");
        assert_eq!((&found["start"]["unit"], &found["end"]["unit"]), (&json!(29), &json!(34)), "{found:#}");
    }

    #[test]
    fn a_statement_that_is_being_written_shows_its_form() {
        let mut session = session();
        let mut shown = |text: &str| {
            let found = read(&session.signature(&at(text, 2, u32::try_from(text.len() - 7).unwrap())));
            let parts = ["before", "active", "behind"].map(|part| found[part].as_str().map(str::to_owned));
            (parts.map(Option::unwrap_or_default), found["begun"].as_bool())
        };
        // The line before the statement takes seven bytes with its end.
        let parts = |before: &str, active: &str, behind: &str| [before, active, behind].map(str::to_owned);
        let behind = " [on PORTS] [{ METHOD PATH … }] [reason STRING]";
        assert_eq!(
            shown("# \u{1f578}\npolicy p for shop/web { allow "),
            (parts("allow ", "from|to", &format!(" PEERS{behind}")), Some(true))
        );
        let text = "# \u{1f578}\npolicy p { allow shop/web -> ";
        assert_eq!(shown(text), (parts("allow PEERS -> ", "PEERS", behind), Some(false)));
        assert_eq!(read(&session.signature(&at("# nothing", 1, 4))), Value::Null);
    }

    #[test]
    fn places_are_counted_as_a_browser_counts() {
        let text = "test \"\u{1f578}\" { can shop/web -> shop/cart on 80/tcp }";
        let declared = read(&session().define(&at(text, 1, 22)));
        assert_eq!(declared[0]["path"], "a.fleetnet", "{declared:#}");
        assert_eq!(
            (&declared[0]["start"]["line"], &declared[0]["start"]["unit"]),
            (&json!(3), &json!(14)),
            "{declared:#}"
        );
    }

    #[test]
    fn a_name_says_what_it_means_once_the_package_means_something() {
        let cluster = "cluster east { id 1 ; cilium-name \"east-1\" ; region r ; pods 10.1.0.0/16 ; nodes 10.2.0.0/24 ; cilium \"1.19.4\" }\nnamespace shop { in east }\n";
        let fleet = FLEET.replace("cilium }", "cilium ; default deny }");
        let mut session = session();
        let facts = |session: &mut Session| read(&session.hover(&at(RULES, 1, 37)))["declared"][0]["facts"].to_string();
        assert_eq!(facts(&mut session), "[]");
        let files = json!({ "a.fleetnet": fleet, "b.fleetnet": RULES, "c.fleetnet": cluster });
        session.check(&json!({ "files": files }).to_string());
        let known = facts(&mut session);
        assert!(known.contains("in `east`") && known.contains("reached by"), "{known}");
        // A mistake that is typed takes nothing of that away.
        let files = json!({ "a.fleetnet": fleet, "b.fleetnet": RULES, "c.fleetnet": "cluster" });
        session.check(&json!({ "files": files }).to_string());
        assert_eq!(facts(&mut session), known);
    }

    #[test]
    fn a_file_has_hints_and_lenses_once_the_package_means_something() {
        let mut session = session();
        assert_eq!(read(&session.notes(&at(RULES, 1, 0))), Value::Null);
        let fleet = FLEET.replace("cilium }", "cilium ; default deny }");
        let cluster = "cluster east { id 1 ; cilium-name \"east-1\" ; region r ; pods 10.1.0.0/16 ; nodes 10.2.0.0/24 ; cilium \"1.19.4\" }\nnamespace shop { in east }\n";
        let files = json!({ "a.fleetnet": fleet, "b.fleetnet": RULES, "c.fleetnet": cluster });
        session.check(&json!({ "files": files }).to_string());
        // They move along with what is typed above.
        let notes = read(&session.notes(&at(&format!("# \u{1f578}\n{RULES}"), 1, 0)));
        assert_eq!(notes["lenses"][0]["text"], "reached by 1 identity · reaches nobody", "{notes:#}");
        assert_eq!(notes["lenses"][0]["start"]["line"], 2, "{notes:#}");
        let texts: Vec<&Value> = notes["hints"].as_array().unwrap().iter().map(|hint| &hint["text"]).collect();
        assert_eq!(texts, ["1 entry", "1 entry"], "of the rule, and of all of the policy's: {notes:#}");
        let asked = json!({ "path": "a.fleetnet", "text": fleet, "line": 4, "unit": 14 });
        let reached = read(&session.reached(&asked.to_string()));
        assert_eq!((&reached["name"], &reached["reaches"]), (&json!("shop/cart"), &json!([])), "{reached:#}");
        let by = &reached["by"][0];
        assert_eq!(
            (&by["name"], &by["ports"], &by["path"]),
            (&json!("shop/web"), &json!(["80/tcp"]), &json!("a.fleetnet"))
        );
        assert_eq!(by["start"]["line"], 3, "{reached:#}");
    }

    #[test]
    fn a_name_is_another_everywhere_or_it_is_said_why_not() {
        let mut session = session();
        assert_eq!(read(&session.renamed(&at(RULES, 1, 23)))["name"], "web");
        let mut asked: Value = read(&at(RULES, 1, 23));
        asked["name"] = json!("front");
        let edits = read(&session.rename(&asked.to_string()));
        let paths: Vec<&Value> = edits.as_array().unwrap().iter().map(|edit| &edit["path"]).collect();
        assert_eq!(paths, ["a.fleetnet", "b.fleetnet"]);
        asked["name"] = json!("cart");
        assert!(read(&session.rename(&asked.to_string()))["refused"].is_string());
        assert!(read(&session.renamed(&at(RULES, 1, 2)))["refused"].is_string());
    }

    #[test]
    fn layout_and_outline_are_of_the_newest_texts() {
        let mut session = session();
        let edits = read(&session.format(&at("policy  p {  }", 1, 0)));
        assert_eq!((&edits[0]["replacement"], &edits[1]["replacement"]), (&json!("p {"), &json!("\n")), "{edits:#}");
        let outline = read(&session.outline());
        assert_eq!(outline[0]["items"][1]["name"], "shop/web", "{outline:#}");
        session.check(&json!({ "files": { "c.fleetnet": "mesh m { members all }" } }).to_string());
        let outline = read(&session.outline());
        assert_eq!(
            (outline.as_array().unwrap().len(), &outline[0]["items"][0]["keyword"]),
            (1, &json!("mesh")),
            "{outline:#}"
        );
    }

    #[test]
    fn what_is_no_question_is_refused_and_what_is_no_file_has_no_answer() {
        let mut session = session();
        assert!(read(&session.hover("{}"))["refused"].is_string());
        let asked = json!({ "path": "none.fleetnet", "text": "", "line": 1, "unit": 0 });
        assert_eq!(read(&session.hover(&asked.to_string())), Value::Null);
        assert_eq!(read(&session.complete(&at(RULES, 9999, 9999)))["items"].as_array().map(Vec::is_empty), Some(false));
    }
}
