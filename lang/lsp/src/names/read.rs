//! The names of a file, from its tree. Every place of the grammar that holds a name is here once.

use fleetnet_lang::ast::{
    self, AstNode, Declaration, GivenKind, GroupStmt, PortKind, RolloutKind, RuleSide, ServiceStmt, TermKind, Word,
};
use fleetnet_lang::{FileId, Node, NodeOrToken, Parse, Span, SyntaxKind, Token, words};

use super::condition::{Mentioned, mentioned};
use super::{Definition, GroupList, Kind, Meaning, Names, Space, Symbol, Use};

/// Reads the names of a file.
#[must_use]
pub fn read(file: FileId, parse: &Parse) -> Names {
    let mut reader = Reader { file, around: Vec::new(), names: Names::default() };
    reader.read(parse.root());
    reader.names
}

struct Reader<'t> {
    file: FileId,
    /// The nodes that hold what is being read, the outermost first.
    around: Vec<Node<'t>>,
    names: Names,
}

impl<'t> Reader<'t> {
    fn read(&mut self, node: Node<'t>) {
        self.node(node);
        self.around.push(node);
        for element in node.children_with_tokens() {
            match element {
                NodeOrToken::Node(node) => self.read(node),
                NodeOrToken::Token(token) => self.token(node.kind(), token),
            }
        }
        self.around.pop();
    }

    /// The innermost of the nodes around what is being read that is of a kind.
    fn owner<N: AstNode<'t>>(&self) -> Option<N> {
        self.around.iter().rev().find_map(|node| N::cast(*node))
    }

    fn gateway(&self) -> Option<Word<'t>> {
        self.owner::<ast::Gateway<'t>>()?.name()
    }

    fn token(&mut self, owner: SyntaxKind, token: Token<'_>) {
        match token.kind() {
            SyntaxKind::Word => {
                if let Some(name) = token.text().strip_prefix('$') {
                    let start = u32::from(token.text_range().start()).saturating_add(1);
                    let span = Span::new(self.file, start, token.text_range().end().into());
                    self.refer_at(span, Meaning::Symbol(Symbol::new(Space::Param, name)));
                }
            }
            SyntaxKind::Cel => mentioned(self.file, owner, token).into_iter().for_each(|found| self.mention(found)),
            _ => {}
        }
    }

    /// A name in a condition stands for the same as outside of it.
    fn mention(&mut self, Mentioned { space, name, span }: Mentioned) {
        let symbol = Symbol::new(space, &name);
        if space == Space::Identity {
            if let Some(own) = self.namespace_at(&name, span) {
                self.refer_at(own, Meaning::Symbol(symbol));
            }
        } else {
            self.refer_at(span, Meaning::Symbol(symbol));
        }
    }

    fn node(&mut self, node: Node<'_>) {
        if let Some(declaration) = Declaration::cast(node) {
            return self.declaration(&declaration);
        }
        match node.kind() {
            SyntaxKind::Setting => self.setting(node),
            SyntaxKind::Term => self.term(ast::Term::cast(node)),
            SyntaxKind::Pods => self.pods(ast::Pods::cast(node).and_then(|pods| pods.word())),
            SyntaxKind::EndPods => self.pods(ast::EndPods::cast(node).and_then(|end| end.word())),
            SyntaxKind::Share => self.shared(ast::Share::cast(node).and_then(|share| share.cluster())),
            SyntaxKind::PortDecl => self.port(ast::PortDecl::cast(node)),
            SyntaxKind::Listener => self.listener(ast::Listener::cast(node)),
            SyntaxKind::Route => self.route(ast::Route::cast(node)),
            SyntaxKind::Backend => {
                self.namespaced(Space::Service, ast::Backend::cast(node).and_then(|backend| backend.service()));
            }
            SyntaxKind::Step => {
                if let Some(step) = ast::Step::cast(node) {
                    self.define(Space::Step, Kind::Step, step.name(), &step);
                }
            }
            SyntaxKind::Rule => self.rule(ast::Rule::cast(node)),
            SyntaxKind::Assertion => {
                if let Some(assertion) = ast::Assertion::cast(node) {
                    let destinations = assertion.ends().map(|(_, to)| to);
                    self.ports(assertion.ports(), destinations.as_ref());
                }
            }
            SyntaxKind::Given => self.given(ast::Given::cast(node)),
            SyntaxKind::Serves => self.serves(ast::Serves::cast(node)),
            SyntaxKind::ShareCheck => self.share_check(ast::ShareCheck::cast(node)),
            _ => {}
        }
    }

    fn declaration(&mut self, declaration: &Declaration<'_>) {
        match declaration {
            Declaration::Fleet(node) => self.define(Space::Fleet, Kind::Fleet, node.name(), node),
            Declaration::Param(node) => self.define(Space::Param, Kind::Param, node.name(), node),
            Declaration::Cluster(node) => self.define(Space::Shared, Kind::Cluster, node.name(), node),
            Declaration::Clusters(node) => self.define(Space::Shared, Kind::ClusterSet, node.name(), node),
            Declaration::Mesh(node) => self.define(Space::Mesh, Kind::Mesh, node.name(), node),
            Declaration::Namespace(node) => self.define(Space::Namespace, Kind::Namespace, node.name(), node),
            Declaration::Group(node) => {
                self.define(Space::Shared, Kind::Group, node.name(), node);
                self.group(node);
            }
            Declaration::External(node) => self.define(Space::Shared, Kind::External, node.name(), node),
            Declaration::Policy(node) => self.define(Space::Policy, Kind::Policy, node.name(), node),
            Declaration::Invariant(node) => self.define(Space::Invariant, Kind::Invariant, node.name(), node),
            Declaration::Rollout(node) => {
                self.define(Space::Rollout, Kind::Rollout, node.name(), node);
                self.rollout(node);
            }
            Declaration::Identity(node) => self.define(Space::Identity, Kind::Identity, node.name(), node),
            Declaration::Service(node) => self.define(Space::Service, Kind::Service, node.name(), node),
            Declaration::Entry(node) => self.define(Space::Entry, Kind::Entry, node.name(), node),
            Declaration::Gateway(node) => self.define(Space::Gateway, Kind::Gateway, node.name(), node),
            Declaration::Export(node) => {
                self.namespaced(Space::Service, node.name());
                self.refer(Space::Mesh, node.mesh());
            }
            Declaration::Balance(node) => {
                self.namespaced(Space::Service, node.name());
                self.shared(node.cluster());
            }
            Declaration::Test(_) | Declaration::Guard(_) => {}
        }
    }

    // What declares.

    fn define<'n>(&mut self, space: Space, kind: Kind, name: Option<Word<'_>>, node: &impl AstNode<'n>) {
        let Some(word) = name else { return };
        let symbol = Symbol::new(space, word.text());
        let namespaced = matches!(space, Space::Identity | Space::Service | Space::Entry | Space::Gateway);
        let name = if namespaced { self.namespace_of(&word) } else { Some(word.span(self.file)) };
        if let Some(name) = name {
            self.define_at(name, vec![symbol], kind, node);
        }
    }

    fn define_at<'n>(&mut self, name: Span, symbols: Vec<Symbol>, kind: Kind, node: &impl AstNode<'n>) {
        let whole = node.span(self.file);
        self.names.definitions.push(Definition { symbols, kind, name, whole, doc: node.doc() });
    }

    fn group(&mut self, group: &ast::Group<'_>) {
        let Some(name) = group.name() else { return };
        let mut members = Vec::new();
        for statement in group.statements() {
            match statement {
                GroupStmt::Members(list) => {
                    members.extend(list.pods().filter_map(|pods| Some(pods.word()?.text().to_owned())));
                }
                GroupStmt::Where(_) | GroupStmt::Waive(_) => {}
            }
        }
        self.names.groups.push(GroupList { name: name.text().to_owned(), members });
    }

    /// The port of a service is called by its name wherever the pods behind it are a destination, too.
    fn port(&mut self, port: Option<ast::PortDecl<'_>>) {
        let Some((port, word)) = port.and_then(|port| Some((port, port.name()?))) else { return };
        let name = word.text();
        let mut symbols = Vec::new();
        if let Some(owner) = self.owner::<ast::Identity<'_>>().and_then(|identity| identity.name()) {
            symbols.push(Symbol::of(owner.text(), Space::Port, name));
        }
        if let Some(service) = self.owner::<ast::Service<'_>>() {
            symbols.extend(service.name().map(|owner| Symbol::of(owner.text(), Space::ServicePort, name)));
            let own = self.owner::<ast::At<'_>>().and_then(|at| pods_of(at.statements()));
            let pods = own.or_else(|| pods_of(service.statements()));
            symbols.extend(pods.map(|owner| Symbol::of(owner.text(), Space::Port, name)));
        }
        self.define_at(word.span(self.file), symbols, Kind::Port, &port);
    }

    fn listener(&mut self, listener: Option<ast::Listener<'_>>) {
        let Some((listener, word)) = listener.and_then(|listener| Some((listener, listener.name()?))) else {
            return;
        };
        let Some(owner) = self.gateway() else { return };
        let symbol = Symbol::of(owner.text(), Space::Listener, word.text());
        self.define_at(word.span(self.file), vec![symbol], Kind::Listener, &listener);
    }

    // What refers.

    fn setting(&mut self, node: Node<'_>) {
        let Some(setting) = ast::Setting::cast(node) else { return };
        let Some(keyword) = setting.keyword() else { return };
        let mut above = self.around.iter().rev();
        let Some(owner) = above.find(|above| above.kind() != SyntaxKind::Block) else { return };
        match (owner.kind(), keyword.text()) {
            (SyntaxKind::Cluster, "region") => {
                let word = setting.word().filter(|word| word.param().is_none());
                if let Some(word) = word {
                    let symbol = Symbol::new(Space::Region, word.text());
                    self.define_at(word.span(self.file), vec![symbol], Kind::Region, &setting);
                }
            }
            (SyntaxKind::Namespace, "global") => self.refer(Space::Mesh, setting.word()),
            (SyntaxKind::External, "pods") => self.refer(Space::Namespace, setting.word()),
            (SyntaxKind::Service | SyntaxKind::At, "pods") => self.namespaced(Space::Identity, setting.word()),
            (SyntaxKind::Service | SyntaxKind::At, "routes-from") => {
                setting.words().for_each(|word| self.refer(Space::Namespace, Some(word)));
            }
            _ => {}
        }
    }

    fn term(&mut self, term: Option<ast::Term<'_>>) {
        match term.and_then(|term| term.kind()) {
            Some(TermKind::Name(word)) => self.shared(Some(word)),
            Some(TermKind::Region(word)) => self.refer(Space::Region, Some(word)),
            Some(TermKind::Mesh(word)) => self.refer(Space::Mesh, Some(word)),
            Some(TermKind::All | TermKind::Local | TermKind::Where(_) | TermKind::WhereCel(_)) | None => {}
        }
    }

    /// `NS/NAME`, `NS/*`, or the name of a group or an external.
    fn pods(&mut self, word: Option<Word<'_>>) {
        let Some(word) = word else { return };
        if word.text().contains('/') {
            self.namespaced(Space::Identity, Some(word));
        } else {
            self.shared(Some(word));
        }
    }

    fn route(&mut self, route: Option<ast::Route<'_>>) {
        let Some(route) = route else { return };
        let (service, port) = (route.service(), route.port());
        self.namespaced(Space::Service, service);
        if let (Some(word), Some(owner)) = (route.listener(), self.gateway()) {
            let symbol = Symbol::of(owner.text(), Space::Listener, word.text());
            self.refer_at(word.span(self.file), Meaning::Symbol(symbol));
        }
        if let (Some(service), Some(port)) = (service, port) {
            let symbol = Symbol::of(service.text(), Space::ServicePort, port.text());
            self.refer_at(port.span(self.file), Meaning::Symbol(symbol));
        }
    }

    fn rollout(&mut self, rollout: &ast::Rollout<'_>) {
        let space = match rollout.kind() {
            Some(RolloutKind::Entry) => Space::Entry,
            Some(RolloutKind::Gateway) => Space::Gateway,
            Some(RolloutKind::Export) => Space::Service,
            None => return,
        };
        self.namespaced(space, rollout.path());
        self.namespaced(Space::Service, rollout.service());
    }

    fn rule(&mut self, rule: Option<ast::Rule<'_>>) {
        let Some(rule) = rule else { return };
        let subject = || self.owner::<ast::Policy<'_>>().and_then(|policy| policy.subject());
        let destinations = match rule.side() {
            Some(RuleSide::From) => subject(),
            Some(RuleSide::To) => rule.peers(),
            None => rule.ends().map(|(_, to)| to),
        };
        self.ports(rule.ports(), destinations.as_ref());
    }

    fn ports(&mut self, ports: Option<ast::Ports<'_>>, destinations: Option<&ast::Peers<'_>>) {
        let (Some(ports), Some(peers)) = (ports, destinations) else { return };
        let ends = peers.peers().flat_map(|peer| peer.ends()).filter_map(|end| match end {
            ast::End::Pods(pods) => Some(pods.word()?.text().to_owned()),
            ast::End::Cidr(_) | ast::End::Dns(_) => None,
        });
        let destinations: Vec<String> = ends.collect();
        for port in ports.ports() {
            let Some(PortKind::Word(word)) = port.kind() else { continue };
            let text = word.text();
            let is_name = word.param().is_none() && !words::is_reserved(text) && !text.contains('/');
            if is_name {
                let meaning = Meaning::PortOf { destinations: destinations.clone(), name: text.to_owned() };
                self.refer_at(word.span(self.file), meaning);
            }
        }
    }

    fn given(&mut self, given: Option<ast::Given<'_>>) {
        match given.and_then(|given| given.kind()) {
            Some(GivenKind::Down(word, _)) => self.namespaced(Space::Identity, Some(word)),
            Some(GivenKind::ClusterLost(word)) => self.shared(Some(word)),
            Some(GivenKind::RegionLost(word)) => self.refer(Space::Region, Some(word)),
            Some(GivenKind::Step(word)) => self.refer(Space::Step, Some(word)),
            None => {}
        }
    }

    fn serves(&mut self, serves: Option<ast::Serves<'_>>) {
        let Some(serves) = serves else { return };
        self.namespaced(Space::Service, serves.service());
        serves.clusters().for_each(|word| self.shared(Some(word)));
    }

    fn share_check(&mut self, share: Option<ast::ShareCheck<'_>>) {
        let Some(share) = share else { return };
        self.namespaced(Space::Service, share.service());
        let Some(path) = share.path() else { return };
        let spaces = match share.service() {
            Some(_) => [Space::Gateway, Space::Entry],
            None => [Space::Entry, Space::Gateway],
        };
        let symbols = spaces.map(|space| Symbol::new(space, path.text())).to_vec();
        if let Some(span) = self.namespace_of(&path) {
            self.refer_at(span, Meaning::First(symbols));
        }
    }

    /// A cluster, a set, a group or an external.
    fn shared(&mut self, word: Option<Word<'_>>) {
        self.refer(Space::Shared, word);
    }

    fn refer(&mut self, space: Space, word: Option<Word<'_>>) {
        let word = word.filter(|word| word.param().is_none() && !words::is_reserved(word.text()));
        if let Some(word) = word {
            self.refer_at(word.span(self.file), Meaning::Symbol(Symbol::new(space, word.text())));
        }
    }

    fn namespaced(&mut self, space: Space, word: Option<Word<'_>>) {
        let Some(word) = word else { return };
        if let Some(span) = self.namespace_of(&word) {
            self.refer_at(span, Meaning::Symbol(Symbol::new(space, word.text())));
        }
    }

    /// Notes the namespace that a name begins with, and says where the rest stands; nothing where that is no name.
    fn namespace_of(&mut self, word: &Word<'_>) -> Option<Span> {
        if word.param().is_some() {
            return None;
        }
        self.namespace_at(word.text(), word.span(self.file))
    }

    fn namespace_at(&mut self, name: &str, span: Span) -> Option<Span> {
        let (namespace, rest) = name.split_once('/')?;
        let Span { file, start, end } = span;
        let slash = start.saturating_add(u32::try_from(namespace.len()).unwrap_or(u32::MAX)).min(end);
        let symbol = Symbol::new(Space::Namespace, namespace);
        self.refer_at(Span::new(file, start, slash), Meaning::Symbol(symbol));
        let built_in = rest == "*" || words::is_reserved(rest);
        (!built_in).then(|| Span::new(file, slash.saturating_add(1).min(end), end))
    }

    fn refer_at(&mut self, span: Span, meaning: Meaning) {
        self.names.uses.push(Use { span, meaning });
    }
}

fn pods_of<'t>(statements: impl Iterator<Item = ServiceStmt<'t>>) -> Option<Word<'t>> {
    let mut pods = statements.filter_map(|statement| match statement {
        ServiceStmt::Pods(setting) => setting.word(),
        ServiceStmt::Type(_)
        | ServiceStmt::Headless(_)
        | ServiceStmt::DnsLabel(_)
        | ServiceStmt::ExternalTrafficPolicy(_)
        | ServiceStmt::RoutesFrom(_)
        | ServiceStmt::Port(_)
        | ServiceStmt::At(_)
        | ServiceStmt::Labels(_)
        | ServiceStmt::Annotations(_)
        | ServiceStmt::Waive(_) => None,
    });
    pods.next()
}
