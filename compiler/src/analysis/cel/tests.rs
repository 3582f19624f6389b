use fleetnet_lang::{FileId, Span};

use super::{
    ClusterField, ClusterRecord, EndKind, EndRecord, Field, FlowField, FlowRecord, Program, Side, Value, compile,
};
use crate::model::{Labels, Name, Protocol, Transport};

/// As a condition stands in a file: not at its start.
fn base(text: &str) -> Span {
    Span::new(FileId(0), 100, 100 + u32::try_from(text.len()).unwrap())
}

fn program(text: &str) -> Program<FlowField> {
    compile(text, base(text)).unwrap_or_else(|diagnostics| panic!("{text}: {diagnostics:?}"))
}

fn end(kind: EndKind, name: &str, labels: &[(&str, &str)]) -> EndRecord {
    EndRecord {
        kind,
        name: name.to_owned(),
        namespace: name.split('/').next().unwrap().to_owned(),
        cluster: "blue".to_owned(),
        region: "eastus2".to_owned(),
        labels: labels.iter().map(|(key, value)| (Name::from(*key), Name::from(*value))).collect::<Labels>(),
        groups: vec!["pci".into(), "web".into()],
        external: Vec::new(),
    }
}

fn holds(text: &str) -> bool {
    let source = end(EndKind::Pod, "shop/web", &[("app", "web"), ("team/own.er", "shop")]);
    let destination = end(EndKind::World, "", &[]);
    let protocol = Protocol::Transport(Transport::Tcp);
    program(text).holds(&FlowRecord { source: &source, destination: &destination, port: 443, protocol, known: true })
}

/// Every error of a text as `«marked text» message`.
fn errors<F: Field>(text: &str) -> Vec<String> {
    let errors = compile::<F>(text, base(text)).err().unwrap_or_default();
    let marked = |span: Span| text.get((span.start - 100) as usize..(span.end - 100) as usize).unwrap();
    errors
        .iter()
        .map(|error| format!("FN{:04} «{}» {}", error.code.number, marked(error.span), error.message))
        .collect()
}

#[test]
fn evaluates_what_it_accepts() {
    for text in [
        r#"flow.src.name == "shop/web" && flow.dst.kind == 'world'"#,
        r#"flow.src.labels.app == "web" && flow.src.labels["team/own.er"] == "shop" && flow.src.labels.none == """#,
        r"has(flow.src.labels.app) && !has(flow.dst.labels.app)",
        r#""app" in flow.src.labels && !("x" in flow.src.labels) && "pci" in flow.src.groups"#,
        "flow.port == 443 && flow.port in [80, 443] && flow.port < 1024 && 80 < flow.port",
        r#"flow.protocol == "tcp" && flow.known"#,
        r#"flow.src.groups.exists(g, g == "web") && !flow.src.groups.all(g, g == "web")"#,
        r#"flow.src.groups.exists_one(g, g.startsWith("p")) && flow.src.groups.filter(g, g != "web") == ["pci"]"#,
        r#"flow.src.groups.map(g, g + "!") == ["pci!", "web!"] && size(flow.src.groups) == 2"#,
        r#"flow.src.labels.exists(k, k.contains("/"))"#,
        "flow.src.groups.exists(a, flow.dst.groups.exists(b, a == b))",
        r#"flow.dst.external == [] && flow.src.name.size() == 8 && flow.src.namespace + "/web" == flow.src.name"#,
        r#"(flow.src.kind == "pod" ? flow.src.region : "") == "eastus2""#,
        r"1 + 2 * 3 - 1 == 6 && 7 % 4 == 3 && 7 / 2 == 3 && -1 < 0",
        "flow.known // a comment\n && true",
    ] {
        assert!(holds(text), "{text}");
    }
    assert!(!holds(r#"flow.src.name != "shop/web""#));
    assert!(!holds("false || !flow.known"));
}

#[test]
fn clusters_are_chosen_by_version_and_name() {
    let cluster = crate::model::Cluster {
        name: spanned("eastus-1".into()),
        id: Some(spanned(7)),
        cilium_name: None,
        region: Some(spanned("eastus2".into())),
        zone: None,
        labels: Labels::from([("env".into(), "prod".into())]),
        pods: Vec::new(),
        nodes: Vec::new(),
        services: Vec::new(),
        cilium: Some(spanned(crate::model::Version { major: 1, minor: 19, patch: 4 })),
        ipam: None,
        vnet: None,
        clustermesh: None,
        context: None,
        doc: None,
    };
    let holds = |text: &str| compile::<ClusterField>(text, base(text)).unwrap().holds(&ClusterRecord(&cluster));
    assert!(holds(r#"cluster.cilium >= "1.9" && cluster.cilium < "1.20.0" && cluster.cilium in ["1.19.4"]"#));
    assert!(holds(r#"cluster.cilium != "" && cluster.zone == """#));
    assert!(holds(r#"cluster.id % 2 == 1 && cluster.labels.env == "prod" && cluster.name.startsWith("eastus")"#));
    assert!(holds(r#"cluster.region in ["eastus2", "westeurope"]"#));
}

fn spanned<T>(value: T) -> crate::model::Spanned<T> {
    crate::model::Spanned::new(value, Span::new(FileId(0), 0, 0))
}

#[test]
fn marks_what_is_wrong() {
    let check = |text, expected: &[&str]| assert_eq!(errors::<FlowField>(text), expected, "{text}");
    check("flow.src.nmae == \"é\"", &["FN0802 «nmae» `flow.src` has no field `nmae`"]);
    check("\"é\" == flow . sorce.name", &["FN0802 «sorce» `flow` has no field `sorce`"]);
    check("true &&\n  flw.port == 1", &["FN0803 «flw» nothing is called `flw` here"]);
    check("flow.src.name.matches('a')", &["FN0804 «matches» there is no function `matches`"]);
    check("lower(flow.src.name) == ''", &["FN0804 «lower» there is no function `lower`"]);
    check("flow.src.name == 5", &["FN0805 «flow.src.name == 5» a string is never equal to a number"]);
    check(
        "flow.known < flow.known",
        &["FN0805 «flow.known < flow.known» true or false and true or false have no order"],
    );
    check("flow.src.name", &["FN0806 «flow.src.name» the condition is a string, not true or false"]);
    check("flow.src", &["FN0805 «flow.src» `flow.src` is a record, not a value"]);
    check(
        "flow.port == size(flow.src.name)",
        &["FN0807 «size(flow.src.name)» a port can only be compared with constants"],
    );
    check("flow.port + 1 == 2", &["FN0807 «flow.port» a port can only be compared with constants"]);
    check("[flow.port] == [1]", &["FN0807 «flow.port» a port can only be compared with constants"]);
    check(
        "flow.port in flow.src.groups",
        &["FN0807 «flow.port in flow.src.groups» a port can only be compared with constants"],
    );
    check("has(flow.src.name)", &["FN0805 «flow.src.name» only a label can be missing"]);
    check("flow.src.labels[1] == ''", &["FN0805 «1» this must be a string, but it is a number"]);
    check("flow.src.groups.exists(g, g.size())", &["FN0805 «g.size()» this must be true or false, but it is a number"]);
    check("flow.src.name.exists(g, true)", &["FN0805 «flow.src.name» a string has no elements"]);
    check(
        "1 / size(flow.src.name) == 1",
        &["FN0805 «size(flow.src.name)» a number can only be divided by a constant other than 0"],
    );
    check(
        "flow.bad == 1 || flow.worse == 2",
        &["FN0802 «bad» `flow` has no field `bad`", "FN0802 «worse» `flow` has no field `worse`"],
    );
    check("{'a': 1}.a == 1", &["FN0805 «{'a': 1}» a map or message can't be written here"]);
    assert_eq!(errors::<ClusterField>("cluster.cilium < 'new'"), ["FN0805 «'new'» `new` is no version"]);
    assert_eq!(errors::<ClusterField>("cluster.cilium < '01.19'"), ["FN0805 «'01.19'» `01.19` is no version"]);
    assert_eq!(errors::<ClusterField>("flow.known"), ["FN0803 «flow» nothing is called `flow` here"]);
}

#[test]
fn slips_are_mended() {
    let check = |text: &str, expected: &str| {
        let errors = compile::<FlowField>(text, base(text)).err().unwrap();
        assert_eq!(errors[0].help.as_deref(), Some(expected), "{text}");
    };
    check("flow.src.nmae == ''", "did you mean `name`?");
    check("flwo.port == 1", "did you mean `flow`?");
    check("flow.src.name.startWith('a')", "did you mean `startsWith`?");
    check(
        "flow.src.owner == ''",
        "its fields are `kind`, `name`, `namespace`, `cluster`, `region`, `labels`, `groups`, `external`",
    );
}

#[test]
fn marks_where_the_text_stops_being_cel() {
    let check = |text, expected: &str| assert_eq!(errors::<FlowField>(text), [expected], "{text}");
    check("", "FN0801 «» the condition is empty");
    check("flow.known &&", "FN0801 «» the condition ends too early");
    check("flow.known flow.known", "FN0801 «flow» unexpected `flow` in the condition");
    check("flow.known = true", "FN0801 «=» `=` is no sign of CEL");
    check("flow.known && (true", "FN0801 «(» `(` is never closed");
    check("true)", "FN0801 «)» `)` closes nothing that is open");
    check("flow.src.name == \"a", "FN0801 «\"» `\"` starts a string that is never closed");
    check("flow.src.name == \"\\q\"", "FN0801 «\\» `\\` starts no escape that CEL has");
    check("\"é\" == 'é' &&\n for == 1", "FN0801 «for» `for` can't stand here: reserved identifier");
    check(
        "99999999999999999999 == 1",
        "FN0801 «99999999999999999999» `99999999999999999999` can't stand here: invalid int literal",
    );
}

#[test]
fn bounds_depth_and_length() {
    let too = |text: &str| errors::<FlowField>(text).first().is_some_and(|error| error.starts_with("FN0808"));
    for text in [
        format!("{}true{}", "(".repeat(1000), ")".repeat(1000)),
        format!("{}true", "!".repeat(1000)),
        format!("flow{}", ".a".repeat(1000)),
        format!("1{} == 1", "+1".repeat(1000)),
        format!("{}1", "true?1:".repeat(500)),
        format!("{}flow.known", "flow.known && ".repeat(2000)),
    ] {
        assert!(too(&text), "{text}");
    }
    // What is within the bounds fits the stack of a plain thread.
    let deep = format!("{}flow.known{}", "(".repeat(8), ")".repeat(8));
    let long = format!("{}flow.known", "flow.known && ".repeat(500));
    let chain = format!("{}true", "!".repeat(36));
    let choices = format!("{}true", "true ? true : ".repeat(18));
    for text in [deep, long, chain, choices] {
        assert!(!too(&text), "{text}");
        let worker = std::thread::Builder::new().stack_size(2 << 20).spawn(move || holds(&text)).unwrap();
        assert!(worker.join().is_ok());
    }
}

#[test]
fn no_text_makes_it_panic() {
    const PIECES: [&str; 36] = [
        "flow",
        ".src",
        ".name",
        ".labels",
        ".port",
        "==",
        "!=",
        "&&",
        "||",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "?",
        "!",
        "-",
        "1",
        "0x",
        "1u",
        ".5",
        "\"a\"",
        "r'b'",
        "b\"c\"",
        "in",
        "true",
        "has(",
        ".exists(x,",
        "x",
        "for",
        "//",
        "\n",
        "é",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let mut bits = state;
        for _ in 0..(state % 9) {
            text.push_str(PIECES[usize::try_from(bits % 36).unwrap()]);
            bits = bits.rotate_right(7).wrapping_mul(31);
            if bits.is_multiple_of(3) {
                text.push(' ');
            }
        }
        for error in compile::<FlowField>(&text, base(&text)).err().unwrap_or_default() {
            assert!(error.span.start >= 100 && error.span.end <= base(&text).end, "{text}");
        }
    }
}

#[test]
fn traits_tell_apart_what_the_condition_does() {
    let program = program(
        r#"flow.dst.labels.pci != "true" || flow.src.name == "shop/web" || flow.src.cluster == flow.dst.cluster"#,
    );
    let web = end(EndKind::Pod, "shop/web", &[("pci", "true")]);
    let cart = end(EndKind::Pod, "shop/cart", &[]);
    let text = |value: &str| Value::Text(value.to_owned().into());
    assert_eq!(program.traits(Side::Source, &web), [Value::Bool(true), text("blue")]);
    assert_eq!(program.traits(Side::Source, &cart), [Value::Bool(false), text("blue")]);
    assert_eq!(program.traits(Side::Destination, &web), [Value::Bool(false), text("blue")]);
    assert_eq!(program.traits(Side::Destination, &cart), [Value::Bool(true), text("blue")]);
}

#[test]
fn traits_look_into_macros() {
    let mixed = program(r"flow.src.groups.exists(a, flow.dst.groups.exists(b, a == b && flow.src.name != ''))");
    let web = end(EndKind::Pod, "shop/web", &[]);
    assert_eq!(mixed.traits(Side::Source, &web).len(), 2);
    assert_eq!(mixed.traits(Side::Destination, &web).len(), 1);
    let single = program(r"flow.src.groups.exists(a, flow.src.groups.all(b, a == b))");
    assert_eq!(single.traits(Side::Source, &web), [Value::Bool(false)]);
}

#[test]
fn ports_are_collected() {
    assert_eq!(program("flow.port < 1024 || flow.port in [8080, 443] || 443 == flow.port").ports(), [443, 1024, 8080]);
}
