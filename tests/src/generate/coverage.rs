//! Which forms of the grammar a text uses where it says who may talk to whom.
//!
//! This reads the parser's tree, not the generator's intentions: what is counted was really there.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::ast::{
    AstNode, Declaration, DefaultStmt, End, EndPods, Peer, Place, Policy, Port, PortKind, Request, Requirement,
    RequirementOp, Rule, RuleSide, TermKind, Verb,
};
use fleetnet_lang::{FileId, Node};

/// How often each form occurred, in how many texts.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    texts: BTreeMap<String, usize>,
}

impl Coverage {
    /// Takes a text into account.
    pub fn add(&mut self, text: &str) {
        for form in alternatives(text) {
            *self.texts.entry(form).or_default() += 1;
        }
    }

    /// The forms of the grammar that fewer texts than this have, with how many do.
    #[must_use]
    pub fn rarer_than(&self, texts: usize) -> Vec<(String, usize)> {
        let count = |form: String| (self.texts.get(&form).copied().unwrap_or_default(), form);
        let counted = all().into_iter().map(count).filter(|(found, _)| *found < texts);
        counted.map(|(found, form)| (form, found)).collect()
    }
}

const BUILT_IN: [&str; 8] =
    ["foreign", "world", "host", "remote-nodes", "kube-apiserver", "gateways", "cluster-dns", "cloud-metadata"];

/// Every form, as [`alternatives`] names it, but names of any depth (`**.`), which the compared release does not have.
fn all() -> Vec<String> {
    let plain = [
        "end NS/NAME",
        "end NS/unlisted",
        "end NS/*",
        "end group",
        "end external",
        "end all",
        "end cidr",
        "end cidr except one",
        "end cidr except several",
        "end dns",
        "end dns *",
        "peers in parentheses",
        "external cidr",
        "external cidr except",
        "external dns",
        "external pods",
        "external pods where",
        "group of pods",
        "group except",
        "group where",
        "place none",
        "place NAME of a cluster",
        "place NAME of a set",
        "place all",
        "place local",
        "place region",
        "place mesh",
        "place where selector",
        "place where CEL",
        "place of several",
        "place except",
        "place of a subject",
        "ports none",
        "ports several",
        "port NAME",
        "port any",
        "port icmp",
        "port icmp NAME",
        "requests none",
        "request METHOD",
        "request *",
        "path literal",
        "path *",
        "path **",
        "requirement =",
        "requirement !=",
        "requirement in",
        "requirement not in",
        "requirement has",
        "requirement not has",
    ];
    let mut all: Vec<String> = plain.map(str::to_owned).into();
    all.extend(BUILT_IN.map(|word| format!("end {word}")));
    for protocol in ["tcp", "udp", "sctp"] {
        all.extend(["", "N/", "N-M/"].map(|ports| format!("port {ports}{protocol}")));
    }
    for verb in [Verb::Allow, Verb::Deny] {
        all.extend(["from", "to", "->"].map(|side| format!("{verb} {side}")));
        for place in ["fleet", "namespace", "policy"] {
            all.extend(["", " ingress", " egress"].map(|side| format!("default {verb}{side} of a {place}")));
        }
    }
    all
}

/// The forms in a text.
#[must_use]
pub fn alternatives(text: &str) -> BTreeSet<String> {
    let parse = fleetnet_lang::parse(FileId(0), text);
    let Some(file) = parse.file() else { return BTreeSet::new() };
    let mut found = Found::default();
    let declarations: Vec<Declaration<'_>> = file.declarations().collect();
    for declaration in &declarations {
        let kind = match declaration {
            Declaration::Cluster(_) => "cluster",
            Declaration::Clusters(_) => "set",
            Declaration::Group(_) => "group",
            Declaration::External(_) => "external",
            _ => continue,
        };
        if let Some(name) = name(declaration) {
            found.kinds.insert(name, kind);
        }
    }
    for declaration in &declarations {
        found.declaration(declaration);
    }
    found.forms
}

fn name(declaration: &Declaration<'_>) -> Option<String> {
    let name = match declaration {
        Declaration::Cluster(cluster) => cluster.name(),
        Declaration::Clusters(clusters) => clusters.name(),
        Declaration::Group(group) => group.name(),
        Declaration::External(external) => external.name(),
        _ => None,
    };
    name.map(|name| name.text().to_owned())
}

#[derive(Default)]
struct Found {
    forms: BTreeSet<String>,
    /// What the names without a namespace stand for.
    kinds: BTreeMap<String, &'static str>,
}

impl Found {
    fn form(&mut self, form: impl Into<String>) {
        self.forms.insert(form.into());
    }

    fn declaration(&mut self, declaration: &Declaration<'_>) {
        let root = declaration.syntax();
        match declaration {
            Declaration::Policy(policy) => self.policy(policy),
            Declaration::External(_) => self.external(&root.to_string()),
            Declaration::Group(_) => self.group(&root.to_string()),
            Declaration::Fleet(_) => self.defaults(root, "fleet"),
            Declaration::Namespace(_) => self.defaults(root, "namespace"),
            _ => {}
        }
        for requirement in all_in::<Requirement<'_>>(root) {
            let op = match requirement.op() {
                Some(RequirementOp::Equals) => "=",
                Some(RequirementOp::NotEquals) => "!=",
                Some(RequirementOp::In) => "in",
                Some(RequirementOp::NotIn) => "not in",
                Some(RequirementOp::Has) => "has",
                Some(RequirementOp::NotHas) => "not has",
                None => continue,
            };
            self.form(format!("requirement {op}"));
        }
    }

    fn defaults(&mut self, root: Node<'_>, place: &str) {
        for default in all_in::<DefaultStmt<'_>>(root) {
            let Some(verb) = default.verb() else { continue };
            let direction = default.direction().map(|direction| format!(" {direction}")).unwrap_or_default();
            self.form(format!("default {verb}{direction} of a {place}"));
        }
    }

    fn external(&mut self, text: &str) {
        for line in text.lines().map(str::trim) {
            match (line.split(' ').next(), line.contains(" except "), line.contains(" where ")) {
                (Some("cidr"), false, _) => self.form("external cidr"),
                (Some("cidr"), true, _) => self.form("external cidr except"),
                (Some("dns"), _, _) => self.form("external dns"),
                (Some("pods"), _, false) => self.form("external pods"),
                (Some("pods"), _, true) => self.form("external pods where"),
                (_, _, _) => {}
            }
        }
    }

    fn group(&mut self, text: &str) {
        let selects = text.lines().any(|line| line.trim().starts_with("where "));
        self.form(if selects { "group where" } else { "group of pods" });
        if text.contains(" except ") {
            self.form("group except");
        }
    }

    fn policy(&mut self, policy: &Policy<'_>) {
        self.defaults(policy.syntax(), "policy");
        if policy.subject().is_some_and(|subject| subject.peers().any(|peer| peer.place().is_some())) {
            self.form("place of a subject");
        }
        for rule in all_in::<Rule<'_>>(policy.syntax()) {
            self.rule(&rule);
        }
    }

    fn rule(&mut self, rule: &Rule<'_>) {
        if let Some(verb) = rule.verb() {
            let side = match rule.side() {
                Some(RuleSide::From) => "from",
                Some(RuleSide::To) => "to",
                None => "->",
            };
            self.form(format!("{verb} {side}"));
        }
        for peer in all_in::<Peer<'_>>(rule.syntax()) {
            self.peer(&peer);
        }
        let ports: Vec<Port<'_>> = rule.ports().into_iter().flat_map(|ports| ports.ports()).collect();
        match ports.len() {
            0 => self.form("ports none"),
            1 => {}
            _ => self.form("ports several"),
        }
        ports.iter().filter_map(Port::kind).for_each(|port| self.port(&port));
        let requests = all_in::<Request<'_>>(rule.syntax());
        if requests.is_empty() {
            self.form("requests none");
        }
        for request in requests {
            let any = request.method().is_some_and(|method| method.text() == "*");
            self.form(if any { "request *" } else { "request METHOD" });
            let written = request.syntax().to_string();
            let path = written.split_once('"').map_or("", |(_, path)| path);
            self.form(match (path.contains("**"), path.contains('*')) {
                (true, _) => "path **",
                (false, true) => "path *",
                (false, false) => "path literal",
            });
        }
    }

    fn port(&mut self, port: &PortKind<'_>) {
        let word = match port {
            PortKind::Icmp(None) => return self.form("port icmp"),
            PortKind::Icmp(Some(_)) => return self.form("port icmp NAME"),
            PortKind::Word(word) => word.text(),
        };
        match word.split_once('/') {
            Some((ports, protocol)) if ports.contains('-') => self.form(format!("port N-M/{protocol}")),
            Some((_, protocol)) => self.form(format!("port N/{protocol}")),
            None if ["tcp", "udp", "sctp", "any"].contains(&word) => self.form(format!("port {word}")),
            None => self.form("port NAME"),
        }
    }

    fn peer(&mut self, peer: &Peer<'_>) {
        let ends: Vec<End<'_>> = peer.ends().collect();
        if peer.syntax().to_string().trim_start().starts_with('(') {
            self.form("peers in parentheses");
        }
        let mut pods = false;
        for end in &ends {
            match end {
                End::Pods(named) => pods |= self.named(named),
                End::Cidr(cidr) => match cidr.except().map(|except| except.cidrs().count()) {
                    None => self.form("end cidr"),
                    Some(1) => self.form("end cidr except one"),
                    Some(_) => self.form("end cidr except several"),
                },
                End::Dns(dns) => {
                    let text = dns.syntax().to_string();
                    self.form(if text.contains('*') { "end dns *" } else { "end dns" });
                }
            }
        }
        match peer.place() {
            Some(place) => self.place(&place),
            None if pods => self.form("place none"),
            None => {}
        }
    }

    /// Whether it is pods of the fleet's.
    fn named(&mut self, end: &EndPods<'_>) -> bool {
        let Some(word) = end.word() else { return false };
        let word = word.text();
        match word.split_once('/') {
            Some((_, "*")) => self.form("end NS/*"),
            Some((_, "unlisted")) => self.form("end NS/unlisted"),
            Some(_) => self.form("end NS/NAME"),
            None if word == "all" => self.form("end all"),
            None if BUILT_IN.contains(&word) => {
                self.form(format!("end {word}"));
                return false;
            }
            None => {
                let kind = self.kinds.get(word).copied().unwrap_or("unknown");
                self.form(format!("end {kind}"));
                return kind == "group";
            }
        }
        true
    }

    fn place(&mut self, place: &Place<'_>) {
        let kinds: Vec<TermKind<'_>> = place.terms().filter_map(|term| term.kind()).collect();
        if kinds.len() > 1 {
            self.form("place of several");
        }
        if place.except().is_some() {
            self.form("place except");
        }
        for kind in kinds {
            let form = match kind {
                TermKind::Name(word) => match self.kinds.get(word.text()).copied() {
                    Some("cluster") => "place NAME of a cluster",
                    _ => "place NAME of a set",
                },
                TermKind::All => "place all",
                TermKind::Local => "place local",
                TermKind::Region(_) => "place region",
                TermKind::Mesh(_) => "place mesh",
                TermKind::Where(_) => "place where selector",
                TermKind::WhereCel(_) => "place where CEL",
            };
            self.form(form);
        }
    }
}

fn all_in<'t, N: AstNode<'t>>(node: Node<'t>) -> Vec<N> {
    node.descendants().filter_map(N::cast).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_seen_where_they_stand() {
        let text = "cluster c1 { id 1 }\nexternal x { cidr 10.0.0.0/8 except 10.1.0.0/16 }\n\
            policy p for a/b in c1 {\n  default deny egress\n  allow from (a/*, x) in region r, world on 80/tcp, icmp { GET \"/v1/*\" }\n}\n";
        let found: Vec<String> = alternatives(text).into_iter().collect();
        let expected = [
            "allow from",
            "default deny egress of a policy",
            "end NS/*",
            "end external",
            "end world",
            "path *",
            "peers in parentheses",
            "place of a subject",
            "place region",
            "port N/tcp",
            "port icmp",
            "ports several",
            "request METHOD",
        ];
        assert_eq!(found, expected);
    }
}
