//! What the typed views say of a text: every accessor whose answer depends on where a word stands among others.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use fleetnet_lang::ast::{
    Assertion, AstNode, Backend, Balance, Choice, CidrList, Cluster, ClusterStmt, DefaultStmt, EndCidr, EndDns, Export,
    ExternalStmt, Given, GuardLimit, Header, Invariant, Labels, Listener, Mesh, MeshStmt, NamespaceStmt, Peer, Policy,
    PortDecl, Ports, Probe, Requirement, Rollout, Route, Routing, Rule, Serves, Set, Shares, Step, Target, Term, Test,
    Text, Waive, Word,
};
use fleetnet_lang::{FileId, Parse, parse};

const FILE: FileId = FileId(0);

/// Compares what `view` says of the first `N` of a text.
fn check<N: AstNode<'static>>(text: &str, view: impl Fn(&N) -> String, expected: &str) {
    // A view of a tree that is dropped here would have no type to be named above.
    let parse: &'static Parse = Box::leak(Box::new(parse(FILE, text)));
    let node = parse.root().descendants().find_map(N::cast).unwrap();
    assert_eq!(view(&node), expected, "{text}\n{:#?}", node.syntax());
}

fn word(word: Option<Word<'_>>) -> String {
    word.map_or_else(|| "-".to_owned(), |word| word.text().to_owned())
}

fn words<'t>(words: impl Iterator<Item = Word<'t>>) -> String {
    words.map(|one| word(Some(one))).collect::<Vec<_>>().join(" ")
}

fn text(text: Option<Text<'_>>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| text.value(FILE).unwrap())
}

fn texts<'t>(texts: impl Iterator<Item = Text<'t>>) -> String {
    texts.map(|one| text(Some(one))).collect::<Vec<_>>().join(" ")
}

fn plain<'t>(node: &impl AstNode<'t>) -> String {
    node.syntax().to_string()
}

fn choice<C: Choice + std::fmt::Display>(choice: Option<C>) -> String {
    choice.map_or_else(|| "-".to_owned(), |choice| choice.to_string())
}

#[test]
fn shared_parts() {
    let term = |term: &Term<'_>| {
        format!("{:?}", term.kind().map(|kind| format!("{kind:?}").chars().take(6).collect::<String>()))
    };
    for (written, said) in [
        ("a", "Some(\"Name(W\")"),
        ("all", "Some(\"All\")"),
        ("region r", "Some(\"Region\")"),
        ("mesh m", "Some(\"Mesh(W\")"),
        ("where a = b", "Some(\"Where(\")"),
        ("where `x`", "Some(\"WhereC\")"),
        ("region", "None"),
    ] {
        check(&format!("clusters c = {written}\n"), term, said);
    }
    let requirement = |one: &Requirement<'_>| format!("{} {:?} {}", text(one.key()), one.op(), texts(one.values()));
    for (written, said) in [
        ("k = v", "k Some(Equals) v"),
        ("\"a b\" != \"c\"", "a b Some(NotEquals) c"),
        ("k in (a, \"b\")", "k Some(In) a b"),
        ("k not in (a)", "k Some(NotIn) a"),
        ("has k", "k Some(Has) "),
        ("not has k", "k Some(NotHas) "),
        ("has = k", "has Some(Equals) k"),
        ("k", "k None "),
    ] {
        check(&format!("group g {{ where {written} }}\n"), requirement, said);
    }
    let set = |set: &Set<'_>| {
        let except = set.except().map(|except| except.terms().map(|term| plain(&term)).collect::<Vec<_>>());
        format!("{:?} less {except:?}", set.terms().map(|term| plain(&term)).collect::<Vec<_>>())
    };
    check("clusters c = a, region b except c, d", set, r#"["a", "region b"] less Some(["c", "d"])"#);
    let waive = |waive: &Waive<'_>| format!("{} {}", word(waive.code()), text(waive.reason()));
    check("fleet f { waive FN0701 \"why\" }", waive, "FN0701 why");
    let labels = |labels: &Labels<'_>| {
        labels
            .entries()
            .map(|entry| format!("{}={}", text(entry.key()), text(entry.value())))
            .collect::<Vec<_>>()
            .join(" ")
    };
    check("cluster c { labels { a = b, \"c d\" = \"e\"\n f = g } }", labels, "a=b c d=e f=g");
    let default = |one: &DefaultStmt<'_>| format!("{} {}", choice(one.verb()), choice(one.direction()));
    check("fleet f { default deny }", default, "deny -");
    check("fleet f { default allow egress }", default, "allow egress");
    let shares = |shares: &Shares<'_>| {
        shares
            .shares()
            .map(|one| format!("{}:{}", word(one.cluster()), word(one.amount())))
            .collect::<Vec<_>>()
            .join(" ")
    };
    check("entry a/b { backend c/d { weight x = 1, y = 20% } }", shares, "x:1 y:20%");
    check("entry a/b { backend c/d { weight x = 1, = 2, z = } }", shares, "x:1 -:2 z:-");
}

#[test]
fn fleet_and_clusters() {
    let target = |target: &Target<'_>| {
        format!("{} for {}", word(target.target()), target.clusters().as_ref().map_or_else(String::new, plain))
    };
    check("fleet f { target cilium for a, b { mcs on } }", target, "cilium for a, b");
    check("fleet f { target cilium { mcs on } }", target, "cilium for ");
    let cluster = |cluster: &Cluster<'_>| {
        let pods = cluster.statements().find_map(|statement| match statement {
            ClusterStmt::Pods(pods) => Some(words(pods.words())),
            _ => None,
        });
        format!("{} {pods:?} {:?}", word(cluster.name()), cluster.doc())
    };
    check("## One\n##two\ncluster c { id 1 ; pods a, b }", cluster, "c Some(\"a b\") Some(\"One\\ntwo\")");
    let routing = |mesh: &Mesh<'_>| {
        let statement = mesh.statements().next();
        let Some(MeshStmt::Routing(setting)) = statement else { return "other".to_owned() };
        choice(setting.choice::<Routing>())
    };
    check("mesh m { routing tunnel }", routing, "tunnel");
    let global = |statement: &NamespaceStmt<'_>| match statement {
        NamespaceStmt::Global(setting) => word(setting.word()),
        other => plain(other),
    };
    check("namespace n { global in prod }", global, "prod");
    let cidrs = |list: &CidrList<'_>| {
        format!(
            "{} less {}",
            words(list.cidrs()),
            list.except().map_or_else(String::new, |except| words(except.cidrs()))
        )
    };
    check("external e { cidr a, b except c, d }", cidrs, "a b less c d");
    let pods = |statement: &ExternalStmt<'_>| match statement {
        ExternalStmt::Pods(pods) => {
            format!("{} {}", word(pods.word()), pods.selector().as_ref().map_or_else(String::new, plain))
        }
        other => plain(other),
    };
    check("external e { pods kube-system where a = b }", pods, "kube-system a = b");
    let port = |port: &PortDecl<'_>| {
        format!("{} {} {} {}", word(port.name()), word(port.port()), word(port.target()), word(port.app()))
    };
    check("service a/b { port http 80 -> 8080/tcp app h2c }", port, "http 80 8080/tcp h2c");
    check("service a/b { port http 80/tcp }", port, "http 80/tcp - -");
    check("service a/b { port port $n -> $m }", port, "port $n $m -");
}

#[test]
fn traffic() {
    let export = |export: &Export<'_>| format!("{} to {}", word(export.name()), word(export.mesh()));
    check("export a/b to prod", export, "a/b to prod");
    let balance = |balance: &Balance<'_>| format!("{} on {}", word(balance.name()), word(balance.cluster()));
    check("balance a/b on c { internal }", balance, "a/b on c");
    let backend = |backend: &Backend<'_>| format!("{} {}", word(backend.service()), backend.statements().count());
    check("entry a/b { backend c/d { weight x = 1 } }", backend, "c/d 1");
    let probe = |probe: &Probe<'_>| {
        let times = [probe.port(), probe.every(), probe.timeout(), probe.tolerate()].map(word).join(" ");
        format!("{} {} {times}", choice(probe.protocol()), text(probe.path()))
    };
    check("entry a/b { probe https \"/h\" port 1 every 2s timeout 3s tolerate 4 }", probe, "https /h 1 2s 3s 4");
    check("entry a/b { probe tcp port 1 timeout 3s }", probe, "tcp - 1 - 3s -");
    check("entry a/b { probe http $path port $port }", probe, "http $path $port - - -");
    let listener = |one: &Listener<'_>| {
        let (name, port) = (word(one.name()), word(one.port()));
        format!("{name} {} {port} {} {}", choice(one.protocol()), texts(one.hosts()), text(one.certificate()))
    };
    check(
        "gateway a/b { listener web https 443 host \"x\", \"y\" certificate \"z\" }",
        listener,
        "web https 443 x y z",
    );
    let route = |route: &Route<'_>| {
        let parts = [word(route.method()), text(route.path()), word(route.listener())].join(" ");
        let header = |header: Header<'_>| format!("{}={}", text(header.name()), text(header.value()));
        let headers = route.headers().map(header).collect::<Vec<_>>().join(" ");
        format!("{parts} {} {} [{headers}] {}", word(route.service()), word(route.port()), route.statements().count())
    };
    check(
        "gateway a/b { route GET \"/x\" header \"a\" = \"b\" header \"c\" = \"d\" on web -> e/f port http { weight x = 1 } }",
        route,
        "GET /x web e/f http [a=b c=d] 1",
    );
    check("gateway a/b { route -> e/f }", route, "- - - e/f - [] 0");
    check("gateway a/b { route $path -> e/f }", route, "- $path - e/f - [] 0");
    let rollout = |one: &Rollout<'_>| {
        format!("{} {} {} {}", word(one.name()), choice(one.kind()), word(one.path()), word(one.service()))
    };
    check("rollout r for gateway a/b -> c/d { }", rollout, "r gateway a/b c/d");
    check("rollout r for entry a/b { }", rollout, "r entry a/b -");
    let step = |step: &Step<'_>| {
        format!(
            "{} {} {}",
            word(step.name()),
            step.shares().as_ref().map_or_else(String::new, plain),
            word(step.hold())
        )
    };
    check("rollout r for entry a/b { step s { x = 1, y = 2 } hold 30m }", step, "s x = 1, y = 2 30m");
}

#[test]
fn rules_and_proofs() {
    let ends = |ends: Option<(fleetnet_lang::ast::Peers<'_>, fleetnet_lang::ast::Peers<'_>)>| {
        ends.map_or_else(|| "-".to_owned(), |(from, to)| format!("{}|{}", plain(&from), plain(&to)))
    };
    let rule = |rule: &Rule<'_>| {
        let peers = rule.peers().as_ref().map_or_else(|| "-".to_owned(), plain);
        let ports = rule.ports().as_ref().map_or_else(|| "-".to_owned(), plain);
        let head = format!("{} {} {peers} {}", choice(rule.verb()), choice(rule.side()), ends(rule.ends()));
        format!("{head} {ports} {} {}", rule.requests().count(), text(rule.reason()))
    };
    check("policy p for a { allow from b on c { GET \"/\" } reason \"why\" }", rule, "allow from b - c 1 why");
    check("policy p { deny a, b -> c in d }", rule, "deny - - a, b|c in d - 0 -");
    let subject = |policy: &Policy<'_>| {
        format!("{} {}", word(policy.name()), policy.subject().as_ref().map_or_else(String::new, plain))
    };
    check("policy p for a, b { }", subject, "p a, b");
    check("policy p { allow a -> b }", subject, "p ");
    let peer = |peer: &Peer<'_>| {
        let ends = peer.ends().map(|end| plain(&end)).collect::<Vec<_>>().join("|");
        let place = peer.place().map(|place| {
            let except = place.except().map_or(0, |except| except.terms().count());
            format!("{} less {except}", place.terms().map(|term| plain(&term)).collect::<Vec<_>>().join("|"))
        });
        format!("{ends} {place:?}")
    };
    check("policy p { allow (a, dns \"x\") in (b, c except d) -> e }", peer, "a|dns \"x\" Some(\"b|c less 1\")");
    check("policy p { allow a in region r -> e }", peer, "a Some(\"region r less 0\")");
    let cidr = |end: &EndCidr<'_>| {
        format!("{} less {}", word(end.cidr()), end.except().map_or_else(String::new, |except| words(except.cidrs())))
    };
    check("policy p { allow a -> cidr b except (c, d) }", cidr, "b less c d");
    check("policy p { allow a -> cidr b except c, e }", cidr, "b less c");
    check("policy p { allow a -> dns \"**.x\" }", |end: &EndDns<'_>| text(end.pattern()), "**.x");
    let ports = |ports: &Ports<'_>| {
        use fleetnet_lang::ast::PortKind::{Icmp, Word};
        let kinds = ports.ports().map(|port| match port.kind() {
            Some(Word(one)) => word(Some(one)),
            Some(Icmp(one)) => format!("icmp {}", word(one)),
            None => "-".to_owned(),
        });
        kinds.collect::<Vec<_>>().join("|")
    };
    let written = "policy p { allow a -> b on http, icmp, icmp echo-request, any, 1-2/tcp reason \"x\" }";
    check(written, ports, "http|icmp -|icmp echo-request|any|1-2/tcp");
    let assertion = |one: &Assertion<'_>| {
        let request = one.request().map(|request| format!("{} {}", word(request.method()), text(request.path())));
        format!("{} {} {request:?}", choice(one.verb()), ends(one.ends()))
    };
    check("test \"t\" { can a -> b on c GET \"/\" }", assertion, "can a|b Some(\"GET /\")");
    check("test \"t\" { cannot a -> b }", assertion, "cannot a|b None");
    let given = |one: &Given<'_>| {
        use fleetnet_lang::ast::GivenKind::{ClusterLost, Down, RegionLost, Step};
        match one.kind() {
            Some(Down(who, place)) => format!("{} down {}", who.text(), place.as_ref().map_or_else(String::new, plain)),
            Some(ClusterLost(name)) => format!("cluster {}", name.text()),
            Some(RegionLost(name)) => format!("region {}", name.text()),
            Some(Step(name)) => format!("step {}", name.text()),
            None => "-".to_owned(),
        }
    };
    check("test \"t\" { given a/b in c down }", given, "a/b down in c");
    check("test \"t\" { given cluster c lost }", given, "cluster c");
    check("test \"t\" { given region c lost }", given, "region c");
    check("test \"t\" { given step c }", given, "step c");
    let serves = |one: &Serves<'_>| {
        let client = one.client().as_ref().map_or_else(String::new, plain);
        format!("{} for {client} from {}", word(one.service()), words(one.clusters()))
    };
    check("test \"t\" { serves a/b for c/d in e from f, g }", serves, "a/b for c/d in e from f g");
    check("test \"a \\\"t\\\"\" { }", |test: &Test<'_>| text(test.title()), "a \"t\"");
    let cel = |one: &Invariant<'_>| {
        let statement = one.statements().next();
        let Some(fleetnet_lang::ast::InvariantStmt::Require(require)) = statement else { return String::new() };
        let cel = require.cel().unwrap();
        format!("{} {} {} {}", word(one.name()), text(one.title()), cel.text(), cel.inner_span(FILE).start)
    };
    check("invariant i \"w\" { require `a == b` }", cel, "i w a == b 27");
    let limit = |limit: &GuardLimit<'_>| format!("{} {}", choice(limit.subject()), word(limit.most()));
    check("guard { clusters at most 10% }", limit, "clusters 10%");
    check("guard { lost-pairs none }", limit, "lost-pairs -");
}

#[test]
fn parameters_are_told_from_values() {
    let param = |target: &Target<'_>| format!("{:?}", target.target().unwrap().param());
    check("fleet f { target $t }", param, "Some(\"t\")");
    check("fleet f { target t }", param, "None");
}

#[test]
fn spans_leave_comments_out() {
    let span = |cluster: &Cluster<'_>| format!("{:?}", (cluster.span(FILE).start, cluster.span(FILE).end));
    check("## doc\ncluster c { } # behind\n", span, "(7, 20)");
}
