//! Routes: one object for each gateway and kind, or listener of it, with the statements as its rules in the order of the source.

use std::collections::BTreeMap;

use crate::model::{self, ListenerProtocol};

use super::listeners::section_names;
use super::objects::{
    BackendRef, HeaderMatch, HeaderMatchType, HttpMatch, HttpRule, ParentRef, PathMatch, PathMatchType, RULES,
    RouteSpec, StreamRule,
};

/// The kinds of routes; a listener's protocol decides which it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteKind {
    /// Requests.
    Http,
    /// TLS connections.
    Tls,
    /// TCP connections.
    Tcp,
}

impl RouteKind {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Http, Self::Tls, Self::Tcp];

    /// The kind that a listener takes.
    pub fn of(listener: &model::Listener) -> Self {
        match listener.protocol {
            ListenerProtocol::Http | ListenerProtocol::Https => Self::Http,
            ListenerProtocol::Tls => Self::Tls,
            ListenerProtocol::Tcp => Self::Tcp,
        }
    }
}

/// Whether a statement looks into requests.
pub fn is_about_requests(route: &model::Route) -> bool {
    route.path.is_some() || route.method.is_some() || !route.headers.is_empty()
}

/// The listeners that a statement is for: the one that it names, or every one that can tell what it asks.
pub fn listeners_of<'a>(gateway: &'a model::Gateway, route: &model::Route) -> Vec<&'a model::Listener> {
    let able = |listener: &&model::Listener| !is_about_requests(route) || RouteKind::of(listener) == RouteKind::Http;
    match route.listener {
        Some(index) => gateway.listeners.get(index.value).filter(able).into_iter().collect(),
        None => gateway.listeners.iter().filter(able).collect(),
    }
}

/// The statements that become objects of one kind on the same listeners; each with its place in the gateway.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Name of the object; further objects of the group have a number after it.
    pub name: String,
    /// Their kind.
    pub kind: RouteKind,
    /// The listener, if it isn't all of the kind.
    pub listener: Option<&'a model::Listener>,
    /// Places of the statements.
    pub routes: Vec<usize>,
}

/// The groups of a gateway, in order of kind and listener.
pub fn groups(gateway: &model::Gateway) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(RouteKind, Option<usize>), Vec<usize>> = BTreeMap::new();
    for (place, route) in gateway.routes.iter().enumerate() {
        let listeners = listeners_of(gateway, route);
        for kind in RouteKind::ALL {
            if listeners.iter().any(|listener| RouteKind::of(listener) == kind) {
                groups.entry((kind, route.listener.map(|listener| listener.value))).or_default().push(place);
            }
        }
    }
    let group = |((kind, place), routes): ((RouteKind, Option<usize>), Vec<usize>)| {
        let listener = place.and_then(|place| gateway.listeners.get(place));
        let name = match listener {
            Some(listener) => format!("{}.{}", gateway.name.value, listener.name.value),
            None => gateway.name.value.to_string(),
        };
        Group { name, kind, listener, routes }
    };
    groups.into_iter().map(group).collect()
}

/// HTTP routes of a group: as many as its rules need, each with its name. `rules` are those of the group's statements, in order.
pub fn http(gateway: &model::Gateway, group: &Group<'_>, rules: &[HttpRule]) -> Vec<(String, RouteSpec<HttpRule>)> {
    let parent_refs = parents(gateway, group.listener);
    let chunks = rules.chunks(RULES).zip(1_usize..);
    let named = chunks.map(|(rules, number)| {
        let name = if number == 1 { group.name.clone() } else { format!("{}.{number}", group.name) };
        (name, RouteSpec { parent_refs: parent_refs.clone(), hostnames: Vec::new(), rules: rules.to_vec() })
    });
    named.collect()
}

/// The TLS or TCP route of a group.
pub fn stream(gateway: &model::Gateway, group: &Group<'_>, backends: Vec<BackendRef>) -> RouteSpec<StreamRule> {
    RouteSpec {
        parent_refs: parents(gateway, group.listener),
        hostnames: match group.kind {
            RouteKind::Tls => tls_hosts(gateway, group.listener),
            RouteKind::Http | RouteKind::Tcp => Vec::new(),
        },
        rules: vec![StreamRule { backend_refs: backends }],
    }
}

/// The rule of a statement.
pub fn http_rule(route: &model::Route, backend_refs: Vec<BackendRef>) -> HttpRule {
    let headers = route.headers.iter().map(|(name, value)| HeaderMatch {
        kind: HeaderMatchType::Exact,
        name: name.value.to_string(),
        value: value.value.to_string(),
    });
    let path = route.path.as_ref().map_or("/", |path| path.value.as_str());
    let method = route.method.as_ref().map(|method| method.value.to_string()).filter(|method| method != "*");
    let matched = HttpMatch {
        path: PathMatch { kind: PathMatchType::PathPrefix, value: path.to_owned() },
        method,
        headers: headers.collect(),
    };
    HttpRule { matches: vec![matched], backend_refs }
}

fn parents(gateway: &model::Gateway, listener: Option<&model::Listener>) -> Vec<ParentRef> {
    let name = gateway.name.value.to_string();
    match listener {
        None => vec![ParentRef { name, section_name: None }],
        Some(listener) => {
            let sections = section_names(listener).into_iter();
            sections.map(|section| ParentRef { name: name.clone(), section_name: Some(section) }).collect()
        }
    }
}

fn tls_hosts(gateway: &model::Gateway, only: Option<&model::Listener>) -> Vec<String> {
    let of_kind = gateway.listeners.iter().filter(|listener| RouteKind::of(listener) == RouteKind::Tls);
    let ours = of_kind.filter(|listener| only.is_none_or(|only| only.name.value == listener.name.value));
    ours.flat_map(|listener| &listener.hosts).map(|host| host.value.to_string()).collect()
}
