//! Sessions with the server, message by message and without a clock: what is told with an edit, and what when a compilation is through.

#![cfg(feature = "protocol")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that can't go on fails")]

use fleetnet_compiler::compile::ParamValue;
use fleetnet_compiler::workers::Alone;
use fleetnet_lang::SourceFile;
use fleetnet_lsp::protocol::{Files, Folder, Message, Server};
use serde_json::{Value, json};

/// Packages in memory: every folder below the root is one.
struct Shelf(Vec<SourceFile>);

impl Files for Shelf {
    fn package(&self, path: &str) -> Option<Folder> {
        let (folder, name) = path.strip_prefix('/')?.split_once('/')?;
        let inside = self.0.iter().filter_map(|file| {
            let name = file.path.strip_prefix(folder)?.strip_prefix('/')?;
            Some(SourceFile::new(name, file.text.clone()))
        });
        Some(Folder { root: format!("/{folder}/"), name: name.to_owned(), files: inside.collect() })
    }
}

struct Session {
    server: Server,
    last: i32,
}

const FLEET: &str = "fleet f { default deny }\n\
    cluster one { id 1 ; region here ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium \"1.18.0\" }\n\
    namespace shop { in one }\nidentity shop/web { match app = web }\nidentity shop/db { match app = db }\n";
const POLICY: &str = "policy p { allow shop/web -> shop/dbb on 80/tcp }\n";

impl Session {
    fn start(options: &Value) -> Self {
        let files = [("a/fleet.fleetnet", FLEET), ("a/more.fleetnet", ""), ("b/fleet.fleetnet", FLEET)];
        let shelf = Shelf(files.map(|(path, text)| SourceFile::new(path, text)).to_vec());
        let server =
            Server::new(Box::new(shelf)).with_params(vec![ParamValue { name: "number".into(), value: "7".into() }]);
        let mut session = Self { server, last: 0 };
        let answer = session.ask(
            "initialize",
            json!({ "processId": null, "rootUri": null, "capabilities": {}, "initializationOptions": options }),
        );
        assert_eq!(answer["capabilities"]["workspace"]["workspaceFolders"]["supported"], true, "{answer:#}");
        session.tell("initialized", json!({}));
        session
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let answers = self.server.handle(Message::Request { id: 1.into(), method: method.to_owned(), params });
        let [Message::Response { result, .. }] = &answers[..] else { panic!("{answers:?}") };
        result.clone().unwrap_or_else(|failed| panic!("{method}: {}", failed.message))
    }

    /// What is told at once.
    fn tell(&mut self, method: &str, params: Value) -> Vec<String> {
        shown(&self.server.handle(Message::Notification { method: method.to_owned(), params }))
    }

    fn open(&mut self, path: &str, text: &str) -> Vec<String> {
        self.last += 1;
        let document =
            json!({ "uri": format!("file://{path}"), "languageId": "fleetnet", "version": self.last, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }))
    }

    fn edit(&mut self, path: &str, text: &str) -> Vec<String> {
        self.last += 1;
        let document = json!({ "uri": format!("file://{path}"), "version": self.last });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }))
    }

    /// What is told by each step of the compilations that there are to do.
    fn compile(&mut self) -> Vec<Vec<String>> {
        let mut steps = Vec::new();
        while let Some(job) = self.server.job() {
            job.run(&Alone, &mut |done| steps.push(shown(&self.server.done(done))));
        }
        steps
    }
}

/// `path version: line:character code …` of each message.
fn shown(messages: &[Message]) -> Vec<String> {
    let told = messages.iter().map(|message| {
        let Message::Notification { method, params } = message else { panic!("{message:?}") };
        assert_eq!(method, "textDocument/publishDiagnostics");
        let findings = params["diagnostics"].as_array().unwrap().iter().map(|found| {
            let start = &found["range"]["start"];
            format!(" {}:{} {}", start["line"], start["character"], found["code"].as_str().unwrap())
        });
        let path = params["uri"].as_str().unwrap().strip_prefix("file://").unwrap();
        let version = params.get("version").map(|version| format!(" {version}")).unwrap_or_default();
        format!("{path}{version}:{}", findings.collect::<String>())
    });
    told.collect()
}

#[test]
fn the_form_is_told_with_the_edit_and_the_rest_when_it_is_known() {
    let mut session = Session::start(&Value::Null);
    assert!(session.open("/a/more.fleetnet", POLICY).is_empty());
    // Before the promises, and nothing new after.
    assert_eq!(session.compile(), [vec!["/a/more.fleetnet 1: 0:29 FN0203"], vec![]]);
    // What is right in its form needs no word: the client moves what it shows.
    assert!(session.edit("/a/more.fleetnet", &format!("# x\n{POLICY}")).is_empty());
    assert_eq!(
        session.edit("/a/more.fleetnet", &format!("polic\n{POLICY}")),
        ["/a/more.fleetnet 3: 0:0 FN0006 1:29 FN0203"]
    );
    // Edited again before it was compiled: the finding whose text is gone is gone.
    let mended = POLICY.replace("dbb", "db");
    assert_eq!(session.edit("/a/more.fleetnet", &mended), ["/a/more.fleetnet 4:"]);
    // The last step is the meaning, which is told when it is asked for.
    assert_eq!(session.compile(), [Vec::<String>::new(), vec![], vec![]]);
}

#[test]
fn what_edits_of_rules_come_to_is_told_before_the_package_is_compiled() {
    let policy = |port: &str| {
        format!(
            "policy p {{ allow shop/web -> shop/db on 80/tcp }}\npolicy q {{\n  allow shop/web -> shop/db on {port} }}\n"
        )
    };
    let mut session = Session::start(&Value::Null);
    session.open("/a/more.fleetnet", &policy("81/tcp"));
    assert_eq!(session.compile()[0], Vec::<String>::new());
    let edits = |session: &mut Session, text: &str| {
        session.edit("/a/more.fleetnet", text);
        let job = session.server.edits().unwrap();
        let mut steps = Vec::new();
        job.run(&Alone, &mut |done| steps.push(shown(&session.server.done(done))));
        assert!(session.server.edits().is_none(), "there is nothing new");
        steps
    };
    assert_eq!(edits(&mut session, &policy("80/tcp")), [["/a/more.fleetnet 2: 2:2 FN0730"]]);
    // The whole has the same to tell.
    assert_eq!(session.compile().concat(), Vec::<String>::new());
    assert_eq!(edits(&mut session, &policy("82/tcp")), [["/a/more.fleetnet 3:"]]);
    // What needs all of the package is left to its compilation.
    assert_eq!(edits(&mut session, &format!("{}cluster two {{}}\n", policy("82/tcp"))), Vec::<Vec<String>>::new());
    // What is wrong or half written is not; what the form comes to is told with the edit.
    assert_eq!(edits(&mut session, POLICY), [["/a/more.fleetnet 5: 0:29 FN0203"]]);
    let half = "policy p { allow shop/web -> shop/db on }\npolicy q { allow shop/web -> shop/bd on 80/tcp }\n";
    assert_eq!(edits(&mut session, half), [["/a/more.fleetnet 6: 0:39 FN0005 1:29 FN0203"]]);
}

#[test]
fn a_save_mends_what_has_one_answer() {
    let mut session = Session::start(&Value::Null);
    session.open("/a/more.fleetnet", "policy p { allow shop/web -> shop/db on 80/tcp { get \"/a\" } }\n");
    session.compile();
    let start = json!({ "line": 0, "character": 0 });
    let asked = json!({
        "textDocument": { "uri": "file:///a/more.fleetnet" },
        "range": { "start": start, "end": start },
        "context": { "diagnostics": [], "only": ["source.fixAll"] },
    });
    let actions = session.ask("textDocument/codeAction", asked);
    assert_eq!(actions[0]["kind"], "source.fixAll.fleetnet", "{actions:#}");
    assert_eq!(actions[0]["edit"]["changes"]["file:///a/more.fleetnet"][0]["newText"], "GET", "{actions:#}");
}

#[test]
fn a_compilation_that_is_overtaken_says_nothing() {
    let mut session = Session::start(&Value::Null);
    session.open("/a/more.fleetnet", POLICY);
    let old = session.server.job().unwrap();
    session.edit("/a/more.fleetnet", "");
    old.run(&Alone, &mut |_| panic!("nobody waits for it"));
    // One that is overtaken while it runs stops at its next step, and what it told is dropped.
    let mut told = Vec::new();
    let old = session.server.job().unwrap();
    old.run(&Alone, &mut |done| {
        session.edit("/a/more.fleetnet", POLICY);
        told.extend(session.server.done(done));
    });
    assert_eq!(told, []);
    assert_eq!(session.compile()[0], ["/a/more.fleetnet 3: 0:29 FN0203"]);
}

#[test]
fn packages_are_apart_and_have_the_parameters_that_the_client_sets() {
    let mut session = Session::start(&json!({ "set": { "number": 3 } }));
    let params =
        "param number = 2\ncluster two { id $number ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium \"1.18.0\" }\n";
    session.open("/a/more.fleetnet", params);
    session.open("/b/more.fleetnet", POLICY);
    // What one package declares is none of the other's.
    assert_eq!(session.compile(), [vec![], vec![], vec![], vec!["/b/more.fleetnet 2: 0:29 FN0203"], vec![]]);
    // `id 1` is that of another cluster, and 3 and 7 are of none.
    let settings = json!({ "settings": { "fleetnet": { "set": ["number=1"] } } });
    assert!(session.tell("workspace/didChangeConfiguration", settings).is_empty());
    let steps = session.compile().concat();
    assert!(steps.iter().any(|told| told.starts_with("/a/more.fleetnet 1: 1:")), "{steps:?}");
    session.tell("workspace/didChangeConfiguration", json!({ "settings": { "fleetnet": { "set": null } } }));
    assert!(session.compile().concat().contains(&"/a/more.fleetnet 1:".to_owned()));
}

/// What settings don't set any more is as the command line has it; settings of other things leave what was set at the start.
#[test]
fn settings_that_set_nothing_any_more_keep_nothing() {
    let mut session = Session::start(&json!({ "set": { "number": 3, "other": 3 } }));
    let clusters = "param number = 2\nparam other = 2\n\
        cluster two { id $number ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium \"1.18.0\" }\n\
        cluster three { id $other ; pods 10.3.0.0/16 ; nodes 10.103.0.0/24 ; cilium \"1.18.0\" }\n";
    session.open("/a/more.fleetnet", clusters);
    let mut shown = String::new();
    // Whether both clusters have one number, which is a mistake.
    let mut same = |settings: Value| {
        assert!(session.tell("workspace/didChangeConfiguration", json!({ "settings": settings })).is_empty());
        let told = session.compile().concat().into_iter().rfind(|told| told.starts_with("/a/more.fleetnet"));
        shown = told.unwrap_or(std::mem::take(&mut shown));
        shown.contains(" FN0")
    };
    assert!(same(Value::Null), "both are 3, as at the start");
    assert!(!same(json!({ "fleetnet": { "set": { "number": 4, "other": 5 } } })));
    // 7 is of the command line, and 2 of the package.
    assert!(!same(json!({ "fleetnet": { "set": { "other": 5 } } })));
    assert!(same(json!({ "fleetnet": { "set": { "other": 7 } } })));
    assert!(!same(json!({ "fleetnet": { "path": "fleetnet" } })));
    assert!(same(json!({ "fleetnet": { "set": ["other=7"] } })));
    assert!(same(json!({ "editor": {} })), "both are 3, as at the start");
}

#[test]
fn what_is_set_in_a_way_that_is_not_understood_is_told() {
    let mut session = Session::start(&Value::Null);
    let params = json!({ "settings": { "fleetnet": { "set": { "a": [1], "b": {}, "c": 2 } } } });
    let method = "workspace/didChangeConfiguration".to_owned();
    let told = session.server.handle(Message::Notification { method, params });
    let messages: Vec<&Value> = told
        .iter()
        .map(|message| match message {
            Message::Notification { method, params } if method == "window/showMessage" => params,
            other => panic!("{other:?}"),
        })
        .collect();
    let [first, second] = messages[..] else { panic!("{messages:?}") };
    let warning = "`fleetnet.set`: the value of `a` has to be a string, a number, `true` or `false`, not [1]";
    assert_eq!(first, &json!({ "type": 2, "message": warning }));
    assert!(second["message"].as_str().is_some_and(|message| message.contains("value of `b`")), "{second:#}");
}

/// Behind the answer: before it, a client knows of no server.
#[test]
fn what_is_set_wrongly_at_the_start_is_told_behind_the_answer() {
    let mut server = Server::new(Box::new(Shelf(Vec::new())));
    let params =
        json!({ "processId": null, "rootUri": null, "capabilities": {}, "initializationOptions": { "set": 3 } });
    let answers = server.handle(Message::Request { id: 1.into(), method: "initialize".to_owned(), params });
    let [Message::Response { result: Ok(_), .. }, Message::Notification { method, params }] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!((method.as_str(), &params["type"]), ("window/showMessage", &json!(2)), "{params:#}");
}

#[test]
fn a_statement_that_is_being_written_shows_its_form() {
    let mut session = Session::start(&Value::Null);
    // Behind a character of two UTF-16 units.
    session.open("/a/more.fleetnet", "param \u{1f578} = 1 ; policy p { allow shop/web -> }\n");
    let at = |character: u32| {
        let position = json!({ "line": 0, "character": character });
        json!({ "textDocument": { "uri": "file:///a/more.fleetnet" }, "position": position })
    };
    let help = session.ask("textDocument/signatureHelp", at(44));
    assert_eq!(help["signatures"][0]["label"], "allow PEERS -> PEERS [on PORTS] [{ METHOD PATH … }] [reason STRING]");
    let part = |index: usize| help["signatures"][0]["parameters"][index]["label"].clone();
    assert_eq!((&help["activeParameter"], part(3)), (&json!(3), json!([15, 20])), "{help:#}");
    // Behind the `…`, which has three bytes.
    assert_eq!(part(10), json!([53, 59]), "{help:#}");
    assert_eq!(session.ask("textDocument/signatureHelp", at(0))["signatures"][0]["label"], "param NAME = VALUE");
    assert_eq!(session.ask("textDocument/signatureHelp", at(48)), Value::Null);
    // An editor asks behind every blank: unasked it opens behind the keyword, here at column 32, and goes on once it is open.
    let blank = |character: u32, again: bool| {
        let mut asked = at(character);
        asked["context"] = json!({ "triggerKind": 2, "triggerCharacter": " ", "isRetrigger": again });
        asked
    };
    let shown = [(32, false), (44, false), (44, true)]
        .map(|(character, again)| !session.ask("textDocument/signatureHelp", blank(character, again)).is_null());
    assert_eq!(shown, [true, false, true]);
    let about = "Allows flows at both ends, unless a `deny` matches.";
    assert_eq!(help["signatures"][0]["documentation"], about);
    // What the keyword says, too: at `allow`, and behind it nothing.
    let hover = session.ask("textDocument/hover", at(28));
    assert_eq!(
        hover["contents"]["value"],
        format!("```fleetnet\n{}\n```\n\n{about}", help["signatures"][0]["label"].as_str().unwrap())
    );
    assert_eq!(hover["range"]["start"]["character"], 26, "{hover:#}");
    assert_eq!(session.ask("textDocument/hover", at(41)), Value::Null);
    let offered = session.ask("textDocument/completion", at(28));
    let allow = offered.as_array().unwrap().iter().find(|item| item["label"] == "allow").unwrap();
    assert_eq!(allow["documentation"], about);
}

#[test]
fn a_lens_says_who_reaches_something_and_its_command_who_that_is() {
    let mut session = Session::start(&Value::Null);
    session.open("/a/more.fleetnet", &POLICY.replace("dbb", "db"));
    session.open("/a/fleet.fleetnet", FLEET);
    session.compile();
    let document = json!({ "textDocument": { "uri": "file:///a/fleet.fleetnet" } });
    let lenses = session.ask("textDocument/codeLens", document);
    let titles: Vec<&str> =
        lenses.as_array().unwrap().iter().map(|lens| lens["command"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["reached by nobody · reaches 1 identity", "reached by 1 identity · reaches nobody"]);
    let command = &lenses[1]["command"];
    assert_eq!(command["command"], "fleetnet.showReachable");
    let arguments = json!({ "command": "fleetnet.reachable", "arguments": command["arguments"] });
    let reachable = session.ask("workspace/executeCommand", arguments);
    let location = json!({ "uri": "file:///a/fleet.fleetnet", "range": { "start": { "line": 3, "character": 14 }, "end": { "line": 3, "character": 17 } } });
    let by = json!([{ "name": "shop/web", "ports": ["80/tcp"], "location": location }]);
    assert_eq!(reachable, json!({ "name": "shop/db", "by": by, "reaches": [] }));
    // The policy moves down by a line before the next compilation, and its hints and lenses with it.
    session.edit("/a/more.fleetnet", &format!("# x\n{}", POLICY.replace("dbb", "db")));
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let document = json!({ "textDocument": { "uri": "file:///a/more.fleetnet" }, "range": range });
    let lenses = session.ask("textDocument/codeLens", document.clone());
    assert_eq!(lenses[0]["range"]["start"]["line"], 1, "{lenses:#}");
    assert_eq!(session.ask("textDocument/inlayHint", document), json!([]), "no target fills maps");
    let at =
        json!({ "textDocument": { "uri": "file:///a/more.fleetnet" }, "position": { "line": 1, "character": 34 } });
    let hover = session.ask("textDocument/hover", at);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("in `one`") && text.contains("reached by 1 identity\\\nreaches nobody"), "{text}");
}
