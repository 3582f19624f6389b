//! Ends of flows and ports, as rules and tests write them.

use fleetnet_lang::ast::{self, End, PortKind};
use fleetnet_lang::literals::PodsRef;
use fleetnet_lang::{Diagnostic, Span};

use super::context::split;
use super::externals::cidr_block;
use super::groups::checked;
use super::icmp;
use super::names::Found;
use super::places::{Term, wrong_kind};
use super::read::Reader;
use super::set_text::SetText;
use super::who::Who;
use crate::codes::names as codes;
use crate::model::{
    BuiltIn, DnsPattern, Name, Peer, PeerEnd, Place, PortExpr, PortExprs, PortRange, Protocol, Request, Spanned,
};

/// Resolves a list of peers; nothing if one of them is broken, because a rule about fewer peers is another rule.
pub(super) fn peers(reader: &mut Reader<'_>, who: &Who, node: &ast::Peers<'_>) -> Option<Vec<Peer>> {
    let nodes: Vec<ast::Peer<'_>> = node.peers().collect();
    let mut peers = Vec::with_capacity(nodes.len());
    let mut sound = true;
    for each in &nodes {
        sound &= add_peer(reader, who, each, &mut peers).is_some();
    }
    (sound && !peers.is_empty()).then_some(peers)
}

/// Resolves one peer: several where several ends stand in parentheses before one place.
pub(super) fn peer(reader: &mut Reader<'_>, who: &Who, node: &ast::Peer<'_>) -> Option<Vec<Peer>> {
    let mut peers = Vec::new();
    add_peer(reader, who, node, &mut peers)?;
    Some(peers)
}

fn add_peer(reader: &mut Reader<'_>, who: &Who, node: &ast::Peer<'_>, peers: &mut Vec<Peer>) -> Option<()> {
    let place = match node.place() {
        Some(place) => place_of(reader, who, &place),
        None => Some(Place::Everywhere),
    };
    let ends: Vec<End<'_>> = node.ends().collect();
    let whole = reader.span(node);
    let single = ends.len() == 1;
    let mut sound = !ends.is_empty();
    for each in &ends {
        let span = if single { whole } else { reader.span(each) };
        match (end(reader, who, each), place) {
            (Some(end), Some(place)) => peers.push(Peer { end, place, span }),
            (None, _) | (_, None) => sound = false,
        }
    }
    sound.then_some(())
}

/// Where a peer runs.
pub(super) fn place_of(reader: &mut Reader<'_>, who: &Who, node: &ast::Place<'_>) -> Option<Place> {
    let set = SetText::of_place(reader, node);
    if set.is_local(reader.ctx)? {
        return Some(Place::Local(set.span));
    }
    let clusters = who.places.set(reader.ctx, &set)?;
    Some(Place::In(clusters, set.span))
}

fn end(reader: &mut Reader<'_>, who: &Who, node: &End<'_>) -> Option<PeerEnd> {
    match node {
        End::Pods(node) => {
            let word = node.word()?;
            // Most ends are identities, and what is declared has the form of a name.
            if word.param().is_none()
                && let Found::Is(id) = who.identity_index.get(word.text())
            {
                return Some(PeerEnd::Identity(id));
            }
            let name = reader.word(&word)?;
            pods(reader, who, &name)
        }
        End::Cidr(node) => {
            let cidr = node.cidr().and_then(|word| reader.cidr(&word));
            let except: Vec<ast::Word<'_>> = node.except().into_iter().flat_map(|except| except.cidrs()).collect();
            let except: Vec<_> = except.iter().map(|word| reader.cidr(word)).collect();
            let (cidr, except) = (cidr?, except.into_iter().collect::<Option<Vec<_>>>()?);
            Some(PeerEnd::Cidr(cidr_block(reader, cidr, except)))
        }
        End::Dns(node) => {
            let pattern = reader.dns_pattern(&node.pattern()?)?;
            Some(PeerEnd::Dns(DnsPattern(pattern.value)))
        }
    }
}

fn pods(reader: &mut Reader<'_>, who: &Who, name: &Spanned<Name>) -> Option<PeerEnd> {
    match checked(reader, name)? {
        PodsRef::Identity(_) => Some(PeerEnd::Identity(who.identity(reader.ctx, name)?)),
        PodsRef::Namespace(_) => Some(PeerEnd::Namespace(who.namespace(reader.ctx, &split(name).0)?)),
        PodsRef::Name("all") => Some(PeerEnd::All),
        PodsRef::Name(word) => {
            if let Some(built_in) = BuiltIn::ALL.into_iter().find(|built_in| built_in.keyword() == word) {
                return Some(PeerEnd::BuiltIn(built_in));
            }
            named(reader, who, name)
        }
    }
}

fn named(reader: &mut Reader<'_>, who: &Who, name: &Spanned<Name>) -> Option<PeerEnd> {
    let term = reader.ctx.find(&who.places.terms, name, "a group or external of this package")?;
    reader.ctx.used.note(term);
    match term {
        Term::Group(id) => Some(PeerEnd::Group(id)),
        Term::External(id) => Some(PeerEnd::External(id)),
        Term::Cluster(_) | Term::Clusters(_) => {
            let help = "name who it is, and where it runs behind it: `NAMESPACE/* in CLUSTER`; several clusters stand in parentheses";
            wrong_kind(reader.ctx, name, term, "pods or an external are meant here", help);
            None
        }
    }
}

/// Resolves ports; nothing if one of them is broken.
pub(super) fn ports(reader: &mut Reader<'_>, node: Option<&ast::Ports<'_>>) -> Option<PortExprs> {
    let nodes: Vec<ast::Port<'_>> = node.into_iter().flat_map(ast::Ports::ports).collect();
    let ports: Vec<_> = nodes.iter().map(|each| port(reader, each)).collect();
    ports.into_iter().collect()
}

fn port(reader: &mut Reader<'_>, node: &ast::Port<'_>) -> Option<Spanned<PortExpr>> {
    let span = reader.span(node);
    match node.kind()? {
        PortKind::Icmp(None) => {
            let ranges = vec![PortRange::all(Protocol::IcmpV4), PortRange::all(Protocol::IcmpV6)];
            Some(Spanned::new(PortExpr::Icmp { name: None, ranges }, span))
        }
        PortKind::Icmp(Some(word)) => {
            let name = reader.name(&word)?;
            let ranges = icmp_type(reader, &name)?;
            Some(Spanned::new(PortExpr::Icmp { name: Some(name.value), ranges }, span))
        }
        PortKind::Word(word) => Some(Spanned::new(reader.port(&word)?, span)),
    }
}

fn icmp_type(reader: &mut Reader<'_>, name: &Spanned<Name>) -> Option<Vec<PortRange>> {
    let ranges = icmp::ranges(name.value.as_str());
    if !ranges.is_empty() {
        return Some(ranges);
    }
    let known: Vec<&str> = icmp::names().collect();
    let message = format!("`{}` is not a type of ICMP", name.value);
    let found = Diagnostic::new(codes::UNKNOWN_NAME, name.span, message);
    reader.ctx.report(match fleetnet_lang::suggest::nearest(name.value.as_str(), &known) {
        Some(near) => found.help(format!("did you mean `{near}`?")).suggest(name.span, near),
        None => found.help("write a type's name, for instance `echo-request`, or `icmp` for all"),
    });
    None
}

/// Resolves a request.
pub(super) fn request(reader: &mut Reader<'_>, node: &ast::Request<'_>) -> Option<Spanned<Request>> {
    let span: Span = reader.span(node);
    let method = reader.word(&node.method()?);
    let path = reader.path(&node.path()?)?;
    Some(Spanned::new(Request { method: method?.value, path: path.value }, span))
}
