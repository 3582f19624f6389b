//! `fleetnet lsp`: a session with a client over standard input and output.

use std::io::{BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::harness::Scratch;

/// A client that waits for what it asked for.
struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last: i64,
    /// What the server told meanwhile.
    told: Vec<Value>,
}

impl Client {
    fn start(scratch: &Scratch) -> Self {
        let mut command = scratch.command(&["lsp"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output, last: 0, told: Vec::new() }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.told.push(message);
        }
    }

    /// The next findings of a file.
    fn findings(&mut self, uri: &str) -> Value {
        loop {
            let of_file = |message: &Value| {
                message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
            };
            if let Some(index) = self.told.iter().position(of_file) {
                return self.told.remove(index)["params"].clone();
            }
            let message = self.receive();
            self.told.push(message);
        }
    }

    fn receive(&mut self) -> Value {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.output.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn ends(mut self, code: i32) {
        drop(self.input);
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
    }
}

const POLICY: &str = "policy more { allow shop/web -> shop/crat on 9090/tcp }\n";

#[test]
fn a_session_from_start_to_end() {
    let scratch = Scratch::with_package("lsp");
    scratch.write("package/more.fleetnet", "# nothing yet\n");
    let uri = |name: &str| format!("file://{}", scratch.path("package").join(name).display());
    let (fleet, more) = (uri("fleet.fleetnet"), uri("more.fleetnet"));
    let mut client = Client::start(&scratch);
    assert_eq!(client.ask("textDocument/hover", &json!({}))["error"]["code"], -32002);

    let capabilities = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let answer = client.ask("initialize", &json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
    assert_eq!(answer["result"]["capabilities"]["positionEncoding"], "utf-16", "{answer:#}");
    client.notify("initialized", &json!({}));

    // What the editor has counts, not what lies on disk.
    let document = json!({ "uri": more, "languageId": "fleetnet", "version": 1, "text": POLICY });
    client.notify("textDocument/didOpen", &json!({ "textDocument": document }));
    let found = client.findings(&more);
    assert_eq!(found["diagnostics"][0]["code"], "FN0203", "{found:#}");
    assert_eq!(found["diagnostics"][0]["range"]["start"], json!({ "line": 0, "character": 32 }), "{found:#}");
    assert_eq!(client.told.iter().filter(|told| told["method"] == "client/registerCapability").count(), 1);

    let at =
        |character: u32| json!({ "textDocument": { "uri": more }, "position": { "line": 0, "character": character } });
    let mut fix = at(0);
    fix["range"] = json!({ "start": { "line": 0, "character": 38 }, "end": { "line": 0, "character": 38 } });
    fix["context"] = json!({ "diagnostics": [] });
    let action = &client.ask("textDocument/codeAction", &fix)["result"][0];
    assert_eq!(action["edit"]["changes"][&more][0]["newText"], "shop/cart", "{action:#}");

    fix["context"]["only"] = json!(["source.fixAll"]);
    // Who is meant is for the author to say, not for a save.
    assert_eq!(client.ask("textDocument/codeAction", &fix)["result"], json!([]));

    // Three edits at once are told of once.
    for (version, text) in [(2, ""), (3, "cra"), (4, "cart")] {
        let end = if version == 2 { 41 } else { 37 + if version == 3 { 0 } else { 3 } };
        let range = json!({ "start": { "line": 0, "character": 37 }, "end": { "line": 0, "character": end } });
        let document = json!({ "uri": more, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "range": range, "text": text }] });
        client.notify("textDocument/didChange", &params);
    }
    let found = client.findings(&more);
    assert_eq!((&found["version"], &found["diagnostics"]), (&json!(4), &json!([])), "{found:#}");

    let mut layout = at(0);
    layout["options"] = json!({ "tabSize": 8, "insertSpaces": false });
    let edits = client.ask("textDocument/formatting", &layout);
    assert_eq!(edits["result"], json!([]), "it has its layout already: {edits:#}");

    let help = client.ask("textDocument/signatureHelp", &at(38));
    let shown = &help["result"]["signatures"][0];
    assert!(shown["label"].as_str().is_some_and(|form| form.starts_with("allow PEERS -> PEERS ")), "{help:#}");
    assert_eq!((&help["result"]["activeParameter"], &shown["parameters"][3]["label"]), (&json!(3), &json!([15, 20])));

    let declared = client.ask("textDocument/definition", &at(38));
    assert_eq!(declared["result"][0]["uri"], json!(fleet), "{declared:#}");
    assert_eq!(declared["result"][0]["range"]["start"], json!({ "line": 9, "character": 14 }), "{declared:#}");
    let mut rename = at(38);
    rename["newName"] = json!("basket");
    let edits = client.ask("textDocument/rename", &rename);
    let changes = &edits["result"]["changes"];
    assert_eq!(changes[&fleet].as_array().unwrap().len(), 2, "{edits:#}");
    assert_eq!(changes[&more].as_array().unwrap().len(), 1, "{edits:#}");
    rename["newName"] = json!("web");
    assert_eq!(client.ask("textDocument/rename", &rename)["error"]["code"], -32803);

    // What is wrong elsewhere in the package is told there, and taken back with its cause.
    scratch.write("package/fleet.fleetnet", crate::harness::FLEET.replace("shop/cart { match", "shop/trolley { match"));
    let notice = json!({ "changes": [{ "uri": fleet, "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", &notice);
    let found = client.findings(&fleet);
    assert_eq!(found["diagnostics"][0]["code"], "FN0203", "{found:#}");
    assert_eq!(found["diagnostics"][0]["relatedInformation"][0]["location"]["uri"], json!(more), "{found:#}");
    scratch.write("package/fleet.fleetnet", crate::harness::FLEET);
    client.notify("workspace/didChangeWatchedFiles", &notice);
    assert_eq!(client.findings(&fleet)["diagnostics"], json!([]));

    assert_eq!(client.ask("shutdown", &Value::Null)["result"], Value::Null);
    client.notify("exit", &Value::Null);
    client.ends(0);
}

#[test]
fn a_client_that_goes_without_a_word_ends_the_session() {
    let scratch = Scratch::new("lsp-gone");
    Client::start(&scratch).ends(1);
    let mut client = Client::start(&scratch);
    client.notify("exit", &Value::Null);
    client.ends(1);
}

#[test]
fn what_is_no_protocol_is_refused() {
    let scratch = Scratch::new("lsp-noise");
    scratch.run_with_input(&["lsp"], b"check\r\n\r\n").refused(&["Language Server Protocol"]);
}
