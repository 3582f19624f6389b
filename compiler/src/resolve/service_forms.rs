//! What a service may be called, and which of its statements go together.

use std::collections::BTreeMap;

use fleetnet_lang::ast::{self, ServiceStmt};
use fleetnet_lang::{Diagnostic, Span};

use super::context::Context;
use super::services::Draft;
use crate::codes::services as codes;
use crate::model::{ClusterSet, Name, ServiceType, Spanned};

/// Names of Services start with a letter before 1.36 (`RelaxedServiceNameValidation`); those of everything else may start with a digit.
pub(super) fn name(ctx: &mut Context, name: &Spanned<Name>) {
    if name.value.as_str().starts_with(|first: char| first.is_ascii_digit()) {
        let message = format!("API servers before Kubernetes 1.36 refuse `{}` as the name of a service", name.value);
        let found = Diagnostic::new(codes::DIGIT_IN_FRONT, name.span, message);
        ctx.report(found.help("put a letter in front, or waive this where all clusters run 1.36 or later"));
    }
}

/// A Service without an address of its own can't be reached from outside by one.
pub(super) fn one_form(ctx: &mut Context, draft: &Draft) {
    let (Some(address), Some(kind)) = (draft.address, draft.kind) else { return };
    let form = match kind.value {
        ServiceType::ClusterIp => return,
        ServiceType::NodePort => "node-port",
        ServiceType::LoadBalancer => "load-balancer",
    };
    let message = format!("a headless service cannot be a `{form}`");
    let (first, last) = if address.span < kind.span { (address.span, kind.span) } else { (kind.span, address.span) };
    let found = Diagnostic::new(codes::TWO_FORMS, last, message).related(first, "the other form");
    let found = found.help("remove one of the two; two services may stand in front of the same pods");
    if !ctx.found.contains(&found) {
        ctx.report(found);
    }
}

/// Whether each `type` of a service, and of its `at`s, says one.
pub(super) fn are_types_read(service: &ast::Service<'_>) -> bool {
    let is_read = |statement: ServiceStmt<'_>| match statement {
        ServiceStmt::Type(setting) => setting.choice::<ast::ServiceType>().is_some(),
        ServiceStmt::At(_)
        | ServiceStmt::Pods(_)
        | ServiceStmt::Port(_)
        | ServiceStmt::Headless(_)
        | ServiceStmt::DnsLabel(_)
        | ServiceStmt::ExternalTrafficPolicy(_)
        | ServiceStmt::Labels(_)
        | ServiceStmt::Annotations(_)
        | ServiceStmt::RoutesFrom(_)
        | ServiceStmt::Waive(_) => true,
    };
    service.statements().all(|statement| match statement {
        ServiceStmt::At(at) => at.statements().all(is_read),
        other => is_read(other),
    })
}

/// A statement that is about some types of services.
struct About {
    word: &'static str,
    types: &'static str,
    /// Whether the service is of such a type anywhere.
    counts: bool,
}

/// What is written and has an effect in no cluster, because the service is of another type wherever it stands.
pub(super) fn idle(ctx: &mut Context, drafts: &[(ClusterSet, Draft)]) {
    let mut written: BTreeMap<Span, About> = BTreeMap::new();
    let mut note = |span, word, types, counts| {
        written.entry(span).or_insert(About { word, types, counts: false }).counts |= counts;
    };
    for (_, draft) in drafts {
        let kind = draft.kind.map(|kind| kind.value).unwrap_or_default();
        if let Some(policy) = draft.external_traffic_policy {
            let types = "`load-balancer` or `node-port`";
            note(policy.span, "external-traffic-policy", types, kind != ServiceType::ClusterIp);
        }
        if let Some(label) = &draft.dns_label {
            note(label.span, "dns-label", "`load-balancer`", kind == ServiceType::LoadBalancer);
        }
    }
    for (span, About { word, types, .. }) in written.into_iter().filter(|(_, about)| !about.counts) {
        let found = Diagnostic::new(codes::WITHOUT_EFFECT, span, format!("`{word}` has no effect here"));
        ctx.report(found.help(format!("it is about services of type {types}: write that `type`, or remove this")));
    }
}
