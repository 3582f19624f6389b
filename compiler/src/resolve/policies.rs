//! Policies and their rules.

use fleetnet_lang::SyntaxKind;
use fleetnet_lang::ast::{self, AstNode, PolicyStmt, RequestStmt, RuleSide};

use super::beside::each;
use super::context::{Context, Declared};
use super::peers::{peers, ports, request};
use super::read::{Reader, verb_of};
use super::who::Who;
use crate::model::{Defaults, Direction, Id, Policy, PolicyId, Rule, RuleEnds, RuleId, Table};
use crate::workers::Workers;

/// Resolves the policies, and their rules in the order of the sources. A rule of which some part is broken is left out.
pub(super) fn resolve(
    ctx: &mut Context,
    who: &Who,
    declared: &[Declared<ast::Policy<'_>>],
    workers: &dyn Workers,
) -> (Table<PolicyId, Policy>, Table<RuleId, Rule>) {
    let each = each(ctx, declared, workers, |ctx, place, policy| resolve_one(ctx, who, PolicyId::at(place), policy));
    let (policies, mut rules): (Vec<Policy>, Vec<Vec<Rule>>) = each.into_iter().unzip();
    // The rules of one policy stand together, and no two at one place.
    rules.sort_unstable_by_key(|rules| rules.first().map(|rule| rule.span));
    let mut all = Vec::with_capacity(rules.iter().map(Vec::len).sum());
    all.extend(rules.into_iter().flatten());
    (policies.into(), all.into())
}

/// Resolves one policy, with its rules in the order of the text.
pub(super) fn resolve_one(
    ctx: &mut Context,
    who: &Who,
    id: PolicyId,
    policy: &Declared<ast::Policy<'_>>,
) -> (Policy, Vec<Rule>) {
    let mut reader = Reader::new(ctx, policy.file);
    let mut rules = Vec::new();
    let mut default = Defaults::default();
    // With a broken subject the policy is about nobody; its rules are read for what is wrong with them.
    let written = policy.node.subject();
    let subject = written.as_ref().map(|subject| peers(&mut reader, who, subject));
    let broken = matches!(subject, Some(None));
    for statement in policy.node.statements() {
        match statement {
            PolicyStmt::Default(node) => reader.default(&mut default, &node),
            PolicyStmt::Rule(node) => {
                let rule = rule(&mut reader, who, id, &node);
                rules.extend(rule.filter(|_| !broken));
            }
            PolicyStmt::Waive(_) => {}
        }
    }
    let subject = subject.map(Option::unwrap_or_default);
    let span = reader.span(&policy.node);
    (Policy { name: policy.name.clone(), subject, default, doc: policy.doc(), span }, rules)
}

/// Resolves a rule of a policy.
pub(super) fn rule(reader: &mut Reader<'_>, who: &Who, policy: PolicyId, node: &ast::Rule<'_>) -> Option<Rule> {
    let span = reader.span(node);
    let ends = match node.side() {
        Some(side) => {
            let direction = match side {
                RuleSide::From => Direction::Ingress,
                RuleSide::To => Direction::Egress,
            };
            let peers = node.peers().and_then(|list| peers(reader, who, &list));
            peers.map(|peers| RuleEnds::OneEnded { direction, peers })
        }
        None => node.ends().and_then(|(from, to)| {
            let (from, to) = (peers(reader, who, &from), peers(reader, who, &to));
            Some(RuleEnds::TwoEnded { from: from?, to: to? })
        }),
    };
    let ports = ports(reader, node.ports().as_ref());
    if let Some(empty) = node.syntax().children_of(SyntaxKind::Block).find(|block| block.children().next().is_none()) {
        // Without its block a rule is about all requests, which nobody means who is about to write some.
        let message = "a block of requests without a request";
        reader.ctx.incomplete(
            empty.span(reader.file),
            message,
            "write a request, such as `http GET \"/\"`, or remove the block",
        );
    }
    let mut requests = Vec::new();
    for statement in node.requests() {
        match statement {
            RequestStmt::Request(node) => requests.push(request(reader, &node)),
            RequestStmt::Waive(_) => {}
        }
    }
    let reason = node.reason().and_then(|text| reader.text(&text)).map(|reason| reason.value);
    let requests = requests.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Rule { policy, verb: verb_of(node.verb()?), ends: ends?, ports: ports?, requests, reason, span })
}
