//! The settings of `target azure-fleet`.

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::traffic::AZURE_SETTING;
use crate::model::{ClusterSet, Model, Name, Spanned, Target, TargetKind};

/// How a fleet is found in Azure, and how its members get their objects.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Its subscription; that of the command line's login if not said.
    pub subscription: Option<&'a str>,
    /// Its resource group; empty if missing, which is then an error where it is needed.
    pub resource_group: &'a str,
    /// Its name in Azure; that of the declaration if not said.
    pub fleet: &'a str,
    /// How members get their objects.
    pub delivery: Delivery,
    /// The members that this is about.
    pub clusters: ClusterSet,
    /// Where the target is declared.
    pub span: Span,
}

/// How members get their objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Each is written for its member.
    Direct,
    /// All of them travel through the hub.
    Placement,
}

/// The settings of the fleet's `azure-fleet` target, if it has one. It has one hub, and so one such target.
pub fn settings<'a>(model: &'a Model, diagnostics: &mut Vec<Diagnostic>) -> Option<Settings<'a>> {
    let mut targets = model.fleet.targets.iter().filter(|target| target.kind.value == TargetKind::AzureFleet);
    let target = targets.next()?;
    for further in targets {
        let message = "a second Azure fleet has a hub of its own";
        let found = Diagnostic::new(AZURE_SETTING, further.kind.span, message);
        let found = found.related(target.kind.span, "the first one");
        diagnostics.push(found.help("give the other Azure fleet a package of its own"));
    }
    Some(Settings {
        subscription: target.setting("subscription").map(|setting| setting.value.as_str()),
        resource_group: resource_group(target, diagnostics),
        fleet: fleet(model, target, diagnostics),
        delivery: delivery(target, diagnostics),
        clusters: target.clusters,
        span: target.kind.span,
    })
}

fn delivery(target: &Target, diagnostics: &mut Vec<Diagnostic>) -> Delivery {
    match target.setting("delivery") {
        None => Delivery::Direct,
        Some(setting) if setting.value.as_str() == "placement" => Delivery::Placement,
        Some(setting) => {
            let message = format!("`{}` is no way of delivery", setting.value);
            let help = "write `delivery placement`, or remove it to write each member's objects for that member";
            diagnostics.push(Diagnostic::new(AZURE_SETTING, setting.span, message).help(help));
            Delivery::Direct
        }
    }
}

fn fleet<'a>(model: &'a Model, target: &'a Target, diagnostics: &mut Vec<Diagnostic>) -> &'a str {
    let name = target.setting("fleet").unwrap_or(&model.fleet.name);
    let text = name.value.as_str();
    let legal = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !legal || text.is_empty() || text.len() > 63 || text.starts_with('-') || text.ends_with('-') {
        let message = format!("`{text}` is no name of a fleet in Azure");
        let help = "1 to 63 lower-case letters, digits and hyphens, a hyphen neither first nor last";
        diagnostics.push(Diagnostic::new(AZURE_SETTING, name.span, message).help(help));
    }
    text
}

fn resource_group<'a>(target: &'a Target, diagnostics: &mut Vec<Diagnostic>) -> &'a str {
    let Some(group) = target.setting("resource-group") else { return "" };
    check_resource_group(group, diagnostics);
    group.value.as_str()
}

/// Reports a resource group that Azure refuses.
pub fn check_resource_group(group: &Spanned<Name>, diagnostics: &mut Vec<Diagnostic>) {
    let text = group.value.as_str();
    let legal = text.chars().all(|sign| sign.is_alphanumeric() || "-_.()".contains(sign));
    if !legal || text.is_empty() || text.chars().count() > 90 || text.ends_with('.') {
        let message = format!("`{text}` is no name of a resource group");
        let help = "1 to 90 letters, digits, hyphens, underscores, parentheses and periods, a period not last";
        diagnostics.push(Diagnostic::new(AZURE_SETTING, group.span, message).help(help));
    }
}
