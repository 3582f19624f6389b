//! The root of a package and its targets.

use fleetnet_lang::ast::{self, FleetStmt, LimitStmt, TargetStmt};
use fleetnet_lang::{Diagnostic, Span};

use super::context::{Context, Declared};
use super::places::Places;
use super::read::{Reader, twice};
use crate::codes::names as codes;
use crate::model::{ClusterSet, Defaults, DnsAccess, Fleet, Name, PolicyBy, Setting, Spanned, Target, TargetKind};

/// The one fleet of a package. Of several the first in the sources counts, and the package has no model.
pub(super) fn single<'d, 't>(
    ctx: &mut Context,
    fleets: &'d [Declared<ast::Fleet<'t>>],
    package: Span,
) -> Option<&'d Declared<ast::Fleet<'t>>> {
    let Some((first, others)) = fleets.split_first() else {
        let found = Diagnostic::new(codes::NO_FLEET, package, "no fleet is declared in this package");
        ctx.report(found.help("write `fleet NAME { default deny }` in one of its files"));
        return None;
    };
    for other in others {
        let message = format!("`{}` is a second fleet in this package", other.name.value);
        ctx.report(
            Diagnostic::new(codes::TWO_FLEETS, other.name.span, message)
                .related(first.name.span, "the first one")
                .help("a package has one fleet: remove one, or move it to a directory of its own"),
        );
    }
    others.is_empty().then_some(first)
}

/// Resolves the fleet.
pub(super) fn resolve(ctx: &mut Context, places: &Places, declared: &Declared<ast::Fleet<'_>>) -> Fleet {
    let mut fleet = Fleet {
        name: declared.name.clone(),
        targets: Vec::new(),
        policy_by: Vec::new(),
        default: Defaults::default(),
        dns: DnsAccess::BuiltIn,
        weight_error: 100,
        policy_map: 16_384,
        files: Vec::new(),
        doc: declared.doc(),
    };
    let mut reader = Reader::new(ctx, declared.file);
    for statement in declared.node.statements() {
        match statement {
            FleetStmt::Target(node) => {
                if let Some(target) = target(&mut reader, places, &node) {
                    repeated(reader.ctx, &fleet.targets, &target);
                    fleet.targets.push(target);
                }
            }
            FleetStmt::PolicyBy(node) => fleet.policy_by.extend(policy_by(&mut reader, places, &node)),
            FleetStmt::Default(node) => reader.default(&mut fleet.default, &node),
            FleetStmt::Dns(_) => fleet.dns = DnsAccess::Strict,
            FleetStmt::Limits(node) => limits(&mut reader, &mut fleet, &node),
            FleetStmt::Files(setting) => fleet.files = files(&mut reader, &setting),
            FleetStmt::Waive(_) => {}
        }
    }
    if fleet.default == Defaults::default() {
        let message = format!("fleet `{}` does not state its default", fleet.name.value);
        let help = "write `default deny`: only what a rule allows passes; or `default allow`";
        ctx.incomplete(fleet.name.span, message, help);
    }
    undeclared(ctx, &fleet);
    fleet
}

fn kind(reader: &mut Reader<'_>, word: Option<ast::Word<'_>>) -> Option<Spanned<TargetKind>> {
    let word = reader.word(&word?)?;
    let known = TargetKind::ALL.map(TargetKind::keyword);
    let kind = TargetKind::ALL.into_iter().find(|kind| kind.keyword() == word.value.as_str());
    if kind.is_none() {
        let message = format!("`{}` is not a target", word.value);
        let found = Diagnostic::new(codes::UNKNOWN_TARGET, word.span, message);
        reader.ctx.report(match fleetnet_lang::suggest::nearest(word.value.as_str(), &known) {
            Some(near) => found.help(format!("did you mean `{near}`?")).suggest(word.span, near),
            None => found.help(format!("the targets are {}", known.join(", "))),
        });
    }
    kind.map(|kind| Spanned::new(kind, word.span))
}

fn target(reader: &mut Reader<'_>, places: &Places, node: &ast::Target<'_>) -> Option<Target> {
    let kind = kind(reader, node.target())?;
    let clusters = scope(reader, places, node.clusters());
    let mut settings: Vec<Setting> = Vec::new();
    for statement in node.statements() {
        match statement {
            TargetStmt::Key(key) => {
                let Some(setting) = setting(reader, kind.value, &key) else { continue };
                // The parser knows of those that are written alike.
                match settings.iter().find(|other| other.key.value == setting.key.value) {
                    Some(other) => {
                        let message = format!("the key `{}` has two values", setting.key.value);
                        reader.ctx.report(twice(setting.key.span, other.key.span, message));
                    }
                    None => settings.push(setting),
                }
            }
            TargetStmt::Waive(_) => {}
        }
    }
    Some(Target { kind, clusters, settings })
}

fn scope(reader: &mut Reader<'_>, places: &Places, set: Option<ast::Set<'_>>) -> ClusterSet {
    set.and_then(|set| places.written(reader, &set)).unwrap_or_else(|| places.all())
}

fn setting(reader: &mut Reader<'_>, target: TargetKind, node: &ast::TargetKey<'_>) -> Option<Setting> {
    let key = reader.text(&node.key()?)?;
    let value = reader.text(&node.value()?);
    let known = keys(target);
    if !known.contains(&key.value.as_str()) {
        let message = format!("target `{}` has no setting `{}`", target.keyword(), key.value);
        let found = Diagnostic::new(codes::UNKNOWN_SETTING, key.span, message);
        reader.ctx.report(match fleetnet_lang::suggest::nearest(key.value.as_str(), known) {
            Some(near) => found.help(format!("did you mean `{near}`?")).suggest(key.span, near),
            None if known.is_empty() => found.help("it has no settings: remove this one"),
            None => found.help(format!("its settings are {}", known.join(", "))),
        });
        return None;
    }
    Some(Setting { key, value: value? })
}

/// The settings of each target.
fn keys(target: TargetKind) -> &'static [&'static str] {
    match target {
        TargetKind::AzureFleet => &["subscription", "resource-group", "fleet", "location", "delivery"],
        TargetKind::Cilium => &["namespace", "mcs"],
        TargetKind::GatewayApi => &["channel"],
        TargetKind::Istio => &["trust-domain", "network-by"],
        TargetKind::Linkerd => &["identity-domain"],
        TargetKind::AzureNetwork => &["subscription", "resource-group", "dns-zone"],
        TargetKind::Bpf => &["on-failure", "mode"],
        TargetKind::Mcs | TargetKind::NetworkPolicy => &[],
    }
}

/// One target twice on one cluster: which settings hold?
fn repeated(ctx: &mut Context, targets: &[Target], target: &Target) {
    let same =
        |other: &&Target| other.kind.value == target.kind.value && !(other.clusters & target.clusters).is_empty();
    if let Some(other) = targets.iter().find(same) {
        let message = format!("target `{}` is declared twice for one cluster", target.kind.value.keyword());
        let found = Diagnostic::new(codes::SECOND, target.kind.span, message);
        ctx.report(
            found
                .related(other.kind.span, "the other one")
                .help("join them, or give each `for` and clusters of its own"),
        );
    }
}

fn policy_by(reader: &mut Reader<'_>, places: &Places, node: &ast::PolicyBy<'_>) -> Option<PolicyBy> {
    let kind = kind(reader, node.target())?;
    Some(PolicyBy { kind, clusters: scope(reader, places, node.clusters()) })
}

fn undeclared(ctx: &mut Context, fleet: &Fleet) {
    for policy_by in &fleet.policy_by {
        let kind = policy_by.kind.value;
        let same = fleet.targets.iter().filter(|target| target.kind.value == kind);
        let declared = same.fold(ClusterSet::EMPTY, |all, target| all | target.clusters);
        if policy_by.clusters.is_within(declared) && !declared.is_empty() {
            continue;
        }
        let message = format!("target `{}` is not declared for these clusters", kind.keyword());
        let help = format!("declare it: `target {}`", kind.keyword());
        ctx.report(Diagnostic::new(codes::UNDECLARED_TARGET, policy_by.kind.span, message).help(help));
    }
}

fn limits(reader: &mut Reader<'_>, fleet: &mut Fleet, node: &ast::Limits<'_>) {
    /// Fewest and most entries that the data path makes room for in one policy map.
    const SMALLEST_MAP: u64 = 256;
    const LARGEST_MAP: u64 = 65_536;
    for statement in node.statements() {
        match statement {
            LimitStmt::WeightError(setting) => {
                if let Some(percent) = setting.word().and_then(|word| reader.percent(&word)) {
                    fleet.weight_error = percent.value.millionths() / 100;
                }
            }
            LimitStmt::PolicyMap(setting) => {
                let entries = setting.word().and_then(|word| reader.number(&word, SMALLEST_MAP..=LARGEST_MAP));
                fleet.policy_map =
                    entries.and_then(|entries| u32::try_from(entries.value).ok()).unwrap_or(fleet.policy_map);
            }
            LimitStmt::Waive(_) => {}
        }
    }
}

/// Path prefixes relative to the package's root.
pub(super) fn files(reader: &mut Reader<'_>, setting: &ast::Setting<'_>) -> Vec<Spanned<Name>> {
    let mut files = Vec::new();
    for text in setting.texts() {
        let Some(path) = reader.text(&text) else { continue };
        let said = path.value.as_str();
        let outside =
            said.is_empty() || said.starts_with('/') || said.contains('\\') || said.split('/').any(|part| part == "..");
        if outside {
            let message = format!("`{said}` is not a path inside the package");
            let help = "write a path from the package's root, such as `teams/shop/`, with `/` between its parts";
            reader.ctx.report(Diagnostic::new(codes::BAD_VALUE, path.span, message).help(help));
        } else {
            files.push(path);
        }
    }
    files
}
