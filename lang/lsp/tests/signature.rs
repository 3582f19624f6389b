//! Which form is shown where, and which part of it comes there.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test that can't go on fails")]

mod common;

use common::{package, programs};
use fleetnet_lang::{SourceFile, SyntaxKind, SyntaxToken};
use fleetnet_lsp::signature::{Signature, signature};
use fleetnet_lsp::{Package, Place};

/// The form with the active part in `«…»`.
fn shown(package: &Package, place: Place) -> Option<String> {
    let Signature { form, parts, active, .. } = signature(package, place)?;
    let mut form = form.to_owned();
    form.insert(parts[active].end, '»');
    form.insert(parts[active].start, '«');
    Some(form)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let (package, place) = package(text);
    assert_eq!(shown(&package, place.unwrap()).as_deref().unwrap_or("nothing"), expected, "{text}");
}

#[test]
fn the_part_is_the_one_that_comes_at_the_cursor() {
    let allow = |active: &str| {
        "allow from|to PEERS [on PORTS] [{ METHOD PATH … }] [reason STRING]".replacen(active, &format!("«{active}»"), 1)
    };
    for (rule, active) in [
        ("allow$0", "allow"),
        ("allow $0", "from|to"),
        ("allow fr$0", "from|to"),
        ("allow from $0", "PEERS"),
        ("allow from a/b, $0", "PEERS"),
        ("allow from (a/b,\n  $0", "PEERS"),
        ("allow from (a/b, a/c) in region $0", "PEERS"),
        ("allow from world $0", "on"),
        ("allow from world in all $0", "on"),
        ("allow from world in all except one $0", "on"),
        ("allow from cidr 10.0.0.0/8 o$0 80/tcp", "on"),
        ("allow from world on $0", "PORTS"),
        ("allow from world on http, $0", "PORTS"),
        ("allow from world on icmp $0", "PORTS"),
        ("allow from world on http $0", "{"),
        ("allow from world on http { GET \"/\" } rea$0", "reason"),
        ("allow from world reason $0", "STRING"),
        ("allow from world reason \"wh$0y\"", "STRING"),
    ] {
        check(&format!("policy p for a/b {{ {rule} }}"), &allow(active));
    }
}

#[test]
fn forms_of_all_kinds() {
    check("export $0", "export «NAMESPACE/SERVICE» to MESH [{ … }]");
    check("export shop/web to $0 { weight a = 1 }", "export NAMESPACE/SERVICE to «MESH» [{ … }]");
    check("export a/b to m { weight $0 }", "weight «CLUSTER» = NUMBER, …");
    check("export a/b to m { weight a = $0 }", "weight CLUSTER = «NUMBER», …");
    check("export a/b to m { weight a = 1, $0 }", "weight «CLUSTER» = NUMBER, …");
    check("export a/b to m { weight a = 1, b = $0 }", "weight CLUSTER = «NUMBER», …");
    check("rollout r for $0", "rollout NAME for «entry|gateway|export» NAMESPACE/NAME [-> NAMESPACE/SERVICE] { … }");
    check(
        "rollout r for entry a/b -> $0",
        "rollout NAME for entry|gateway|export NAMESPACE/NAME [-> «NAMESPACE/SERVICE»] { … }",
    );
    check("rollout r for entry a/b { step one { a = 1, $0 } }", "step NAME { «CLUSTER» = NUMBER, … } [hold DURATION]");
    check(
        "rollout r for entry a/b { step one { a = 1 } hold $0 }",
        "step NAME { CLUSTER = NUMBER, … } [hold «DURATION»]",
    );
    let probe = "probe http|https|tcp [PATH] port NUMBER [every DURATION] [timeout DURATION] [tolerate NUMBER]";
    check("entry a/b { probe http $0 }", &probe.replace("PATH", "«PATH»"));
    check("entry a/b { probe http \"/x\" $0 }", &probe.replace("port", "«port»"));
    check("entry a/b { probe tcp port $0 }", &probe.replace("port NUMBER", "port «NUMBER»"));
    check("entry a/b { probe tcp port 80 timeout $0 }", &probe.replace("timeout DURATION", "timeout «DURATION»"));
    check("policy p { allow a/b -> $0 }", "allow PEERS -> «PEERS» [on PORTS] [{ METHOD PATH … }] [reason STRING]");
    check("test \"t\" { can a/b -> a/c on 80/tcp GET $0 }", "can PEERS -> PEERS on PORTS [METHOD «PATH»]");
    check(
        "test \"t\" { serves a/b for a/c in all from $0 }",
        "serves NAMESPACE/SERVICE for PEER from «CLUSTER», …|nobody",
    );
    check("test \"t\" { share a/b $0 }", "share NAMESPACE/NAME [«->» NAMESPACE/SERVICE] CLUSTER = NUMBER, …");
    check("test \"t\" { share a/b one = 1, $0 }", "share NAMESPACE/NAME [-> NAMESPACE/SERVICE] «CLUSTER» = NUMBER, …");
    check(
        "gateway a/b { route header \"a\" = \"b\" header $0 -> c }",
        "route [METHOD] [PATH] [header «STRING» = STRING …] [on LISTENER] -> NAMESPACE/SERVICE [port NAME] [{ weight … }]",
    );
    check("service a/b { port http $0 }", "port NAME «NUMBER» [-> NUMBER]/PROTOCOL [app NAME]");
    check("service a/b { port http 80 -> $0 }", "port NAME NUMBER [-> «NUMBER»]/PROTOCOL [app NAME]");
    check("identity a/b { match app = $0 }", "match KEY = «VALUE» and …");
    check("identity a/b { match app = b and $0 }", "match KEY = VALUE and «…»");
    check("clusters c = all except $0", "clusters NAME = «CLUSTERS»");
    check("policy p { waive FN0701 $0 }", "waive CODE «\"REASON\"»");
    check("invariant i { require `flow.$0` }", "require «CEL»");
    check("mesh é$0", "mesh «NAME» { … }");
}

#[test]
fn nothing_is_shown_where_no_statement_is_or_none_goes_on() {
    for text in ["$0", "mesh m { $0 }", "# mes$0h", "entry a/b { ttl 5m $0 }", "what $0", "mesh m { members a # $0"] {
        check(text, "nothing");
    }
}

/// Behind every word of every program that is a value, the part that it was read as is a value, too; a word of the language is one of its form.
#[test]
fn what_is_written_right_is_read_as_it_was_meant() {
    let mut asked = 0;
    for files in programs() {
        let package = Package::new(files.iter().map(|(path, text)| SourceFile::new(path.as_str(), text.as_str())));
        for (file, known) in package.files() {
            let Some(tree) = &known.tree else { continue };
            let root = tree.parse.syntax();
            for token in std::iter::successors(root.first_token(), SyntaxToken::next_token) {
                if !matches!(token.kind(), SyntaxKind::Word | SyntaxKind::String | SyntaxKind::Cel) {
                    continue;
                }
                let place = Place { file, offset: u32::from(token.text_range().start()) + 1 };
                let Some(Signature { form, parts, active, .. }) = signature(&package, place) else { continue };
                let part = &form[parts[active].clone()];
                assert!(part.contains(|c: char| c.is_ascii_uppercase() || c == '…'), "{token}: {part} of {form}");
                asked += 1;
            }
        }
    }
    assert!(asked > 500, "{asked}");
}

#[test]
fn a_mistake_before_the_statement_does_not_matter() {
    let allow = "allow PEERS -> «PEERS» [on PORTS] [{ METHOD PATH … }] [reason STRING]";
    check("param \u{1f578} = 1 ; policy p { allow a/b -> $0 }", allow);
    check("mesh m { members\npolicy p { allow a/b -> $0 }", allow);
}
