//! Literal HTTP requests, and what the engine's rules say of them.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_compiler::model::{Direction, Request};
use fleetnet_compiler::plan::Plan;
use fleetnet_tests::engine::{HttpFilter, HttpRule};
use regex::Regex;

/// Requests on both sides of every pattern of the fleet: some that it admits, some that it nearly does.
pub fn probes(plan: &Plan) -> Vec<Request> {
    let patterns: BTreeSet<&Request> = plan.rules.rows().iter().flat_map(|rule| &rule.requests).collect();
    let mut probes = BTreeSet::new();
    for pattern in patterns {
        let path = pattern.path.as_str();
        let fill = |deep: &str, segment: &str| path.replace("**", "\0").replace('*', segment).replace('\0', deep);
        let near = [
            fill("a/b", "x1"),
            fill("", "x"),
            fill("a", "x/y"),
            fill("z", ""),
            fill("a", "x.y"),
            format!("{}/z", fill("a", "x")),
        ];
        let queried = format!("{}?q=1/2", fill("a", "x"));
        let other = fill("a", "x").replace('.', "-");
        for path in near.into_iter().chain([queried, other]) {
            let methods = [pattern.method.as_str(), "GET", "PATCH"].into_iter().filter(|method| *method != "*");
            probes.extend(methods.map(|method| Request { method: method.into(), path: path.as_str().into() }));
        }
    }
    probes.into_iter().collect()
}

/// The engine's regular expressions, compiled once. The proxy matches the whole text.
#[derive(Default)]
pub struct Proxy {
    expressions: BTreeMap<String, Regex>,
}

impl Proxy {
    /// Whether a request to a port passes, by the filters of an endpoint whose port is redirected.
    pub fn admits(
        &mut self,
        filters: &[HttpFilter],
        direction: Direction,
        peer: u32,
        port: u16,
        request: &Request,
    ) -> bool {
        let written = match direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        };
        let about = |filter: &&HttpFilter| {
            filter.dir == written
                && (filter.port == 0 || filter.port == port || (filter.port..=filter.end_port).contains(&port))
                && (filter.everyone || filter.identities.contains(&peer))
        };
        let mut admitted = false;
        for filter in filters.iter().filter(about) {
            if filter.deny {
                return false;
            }
            admitted |= filter.rules.is_empty() || filter.rules.iter().any(|rule| self.matches(rule, request));
        }
        admitted
    }

    fn matches(&mut self, rule: &HttpRule, request: &Request) -> bool {
        assert_eq!((rule.host.as_str(), rule.header_count), ("", 0), "the language has no such conditions");
        self.whole(&rule.method, request.method.as_str()) && self.whole(&rule.path, request.path.as_str())
    }

    fn whole(&mut self, expression: &str, text: &str) -> bool {
        if expression.is_empty() {
            return true;
        }
        let compiled = self.expressions.entry(expression.to_owned());
        let compiled = compiled.or_insert_with(|| Regex::new(&format!("^(?:{expression})$")).expect("an expression"));
        compiled.is_match(text)
    }
}
