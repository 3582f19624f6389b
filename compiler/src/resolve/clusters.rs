//! The clusters of a package.

use fleetnet_lang::ast::{self, ClusterStmt, Setting};
use fleetnet_lang::{Diagnostic, Span};

use super::context::{Context, Declared};
use super::read::{MapKind, Reader};
use crate::codes::{clusters as codes, names};
use crate::model::{Cidr, Cluster, ClusterId, Labels, Name, Spanned, Table};

/// Most clusters that a package can have: their ids in the data path end there.
const MOST: usize = 255;

/// Resolves the clusters. Those beyond the limit are left out.
pub(super) fn resolve(ctx: &mut Context, declared: &[Declared<ast::Cluster<'_>>]) -> Table<ClusterId, Cluster> {
    let mut in_source_order: Vec<Span> = declared.iter().map(|cluster| cluster.name.span).collect();
    in_source_order.sort();
    if let Some(first) = in_source_order.get(MOST) {
        let message = format!("the package has {} clusters, and {MOST} is the limit", declared.len());
        let help = "ids of clusters in the data path are 1 to 255: split the package";
        ctx.report(Diagnostic::new(codes::TOO_MANY_CLUSTERS, *first, message).help(help));
    }
    declared.iter().take(MOST).map(|cluster| resolve_one(ctx, cluster)).collect::<Vec<_>>().into()
}

fn resolve_one(ctx: &mut Context, declared: &Declared<ast::Cluster<'_>>) -> Cluster {
    let mut cluster = Cluster {
        name: declared.name.clone(),
        id: None,
        cilium_name: None,
        region: None,
        zone: None,
        labels: Labels::new(),
        pods: Vec::new(),
        nodes: Vec::new(),
        services: Vec::new(),
        cilium: None,
        ipam: None,
        vnet: None,
        clustermesh: None,
        context: None,
        doc: declared.doc(),
    };
    let mut reader = Reader::new(ctx, declared.file);
    for statement in declared.node.statements() {
        match statement {
            ClusterStmt::Id(setting) => cluster.id = id(&mut reader, &setting),
            ClusterStmt::Region(setting) => cluster.region = word(&mut reader, &setting),
            ClusterStmt::Zone(setting) => cluster.zone = word(&mut reader, &setting),
            ClusterStmt::Ipam(setting) => cluster.ipam = word(&mut reader, &setting),
            ClusterStmt::Pods(setting) => cluster.pods = cidrs(&mut reader, &setting),
            ClusterStmt::Nodes(setting) => cluster.nodes = cidrs(&mut reader, &setting),
            ClusterStmt::Services(setting) => cluster.services = cidrs(&mut reader, &setting),
            ClusterStmt::Cilium(setting) => {
                cluster.cilium = setting.text().and_then(|text| reader.version(&text));
            }
            ClusterStmt::CiliumName(setting) => cluster.cilium_name = text(&mut reader, &setting),
            ClusterStmt::Vnet(setting) => cluster.vnet = text(&mut reader, &setting),
            ClusterStmt::Clustermesh(setting) => cluster.clustermesh = endpoint(&mut reader, &setting),
            ClusterStmt::Context(setting) => cluster.context = text(&mut reader, &setting),
            ClusterStmt::Labels(labels) => cluster.labels = reader.map(labels.entries(), MapKind::Labels),
            ClusterStmt::Waive(_) => {}
        }
    }
    cluster
}

fn id(reader: &mut Reader<'_>, setting: &Setting<'_>) -> Option<Spanned<u8>> {
    let number = reader.number(&setting.word()?, 0..=u64::MAX)?;
    match u8::try_from(number.value) {
        Ok(id) if id > 0 => Some(Spanned::new(id, number.span)),
        Ok(_) | Err(_) => {
            let message = format!("{} is not the id of a cluster", number.value);
            let help = "ids are 1 to 255: the data path has eight bits for them, and 0 is no mesh";
            reader.ctx.report(Diagnostic::new(codes::BAD_ID, number.span, message).help(help));
            None
        }
    }
}

/// The value of a setting that is a name.
pub(super) fn word(reader: &mut Reader<'_>, setting: &Setting<'_>) -> Option<Spanned<Name>> {
    setting.word().and_then(|word| reader.name(&word))
}

/// The value of a setting that is a string. An empty one is an error.
pub(super) fn text(reader: &mut Reader<'_>, setting: &Setting<'_>) -> Option<Spanned<Name>> {
    let text = reader.text(&setting.text()?)?;
    if text.value.as_str().trim().is_empty() {
        let found = Diagnostic::new(names::BAD_VALUE, text.span, "this text is empty");
        reader.ctx.report(found.help("write a value, or remove the statement"));
        return None;
    }
    Some(text)
}

/// `host:port`.
fn endpoint(reader: &mut Reader<'_>, setting: &Setting<'_>) -> Option<Spanned<Name>> {
    let endpoint = text(reader, setting)?;
    let parts = endpoint.value.as_str().rsplit_once(':');
    let port = parts.and_then(|(_, port)| port.parse::<u16>().ok()).filter(|port| *port > 0);
    let host = parts.is_some_and(|(host, _)| !host.is_empty() && !host.contains(char::is_whitespace));
    if port.is_none() || !host {
        let message = format!("`{}` is not a host and a port", endpoint.value);
        let help = "write `HOST:PORT`, for instance `\"mesh.example.com:2379\"`";
        reader.ctx.report(Diagnostic::new(names::BAD_VALUE, endpoint.span, message).help(help));
        return None;
    }
    Some(endpoint)
}

fn cidrs(reader: &mut Reader<'_>, setting: &Setting<'_>) -> Vec<Spanned<Cidr>> {
    setting.words().filter_map(|word| reader.cidr(&word)).collect()
}
