//! The strip of clusters above the identities, by mesh.

use super::write::{Svg, cut};
use crate::model::{ClusterId, Encryption, Mesh, Model};

const CHIP_HEIGHT: i32 = 38;
const CHIP_GAP: i32 = 8;
const TITLE: i32 = 24;
const PADDING: i32 = 10;
const MESH_GAP: i32 = 12;

/// Clusters of one mesh that have a chip.
const MOST_CHIPS: usize = 24;

/// The clusters of a mesh, or those that are in none.
struct Group {
    title: String,
    members: Vec<ClusterId>,
}

/// Draws the strip and gives its height.
pub fn strip(svg: &mut Svg, model: &Model, width: i32) -> i32 {
    let mut y = 0;
    for group in groups(model) {
        y += draw(svg, model, &group, width, y) + MESH_GAP;
    }
    y
}

fn groups(model: &Model) -> Vec<Group> {
    let meshes = model.meshes.rows().iter();
    let mut groups: Vec<Group> =
        meshes.map(|mesh| Group { title: title(mesh), members: mesh.members.iter().collect() }).collect();
    let alone: Vec<ClusterId> = model.clusters.ids().filter(|cluster| model.mesh_of(*cluster).is_none()).collect();
    if !alone.is_empty() {
        groups.push(Group { title: "in no mesh".to_owned(), members: alone });
    }
    groups.retain(|group| !group.members.is_empty());
    groups
}

fn title(mesh: &Mesh) -> String {
    let encryption = match mesh.encryption.map(|said| said.value) {
        Some(Encryption::Wireguard) => " · wireguard",
        Some(Encryption::Ipsec) => " · ipsec",
        Some(Encryption::None) => " · not encrypted",
        None => "",
    };
    format!("mesh {}{encryption}", mesh.name.value)
}

fn draw(svg: &mut Svg, model: &Model, group: &Group, width: i32, y: i32) -> i32 {
    let shown = group.members.len().min(MOST_CHIPS);
    let columns =
        usize::try_from((width - 2 * PADDING + CHIP_GAP) / (124 + CHIP_GAP)).unwrap_or(1).clamp(1, shown.max(1));
    let count = i32::try_from(columns).unwrap_or(1);
    let chip = ((width - 2 * PADDING + CHIP_GAP) / count - CHIP_GAP).min(200);
    let rows = i32::try_from(shown.div_ceil(columns)).unwrap_or(1);
    let height = TITLE + rows * (CHIP_HEIGHT + CHIP_GAP) - CHIP_GAP + PADDING;
    let text = |number: i32| number.to_string();
    svg.open("g", &[("class", "mesh")]);
    let frame = [("x", "0"), ("y", &*text(y)), ("width", &*text(width)), ("height", &*text(height)), ("rx", "10")];
    svg.empty("rect", &frame);
    let more = match group.members.len() - shown {
        0 => String::new(),
        more => format!(" · and {more} clusters more"),
    };
    let title = format!("{}{more}", group.title);
    svg.text("text", &[("class", "title"), ("x", &text(PADDING + 2)), ("y", &text(y + 16))], &title);
    for (turn, cluster) in group.members.iter().take(MOST_CHIPS).enumerate() {
        let (row, column) = (turn / columns, turn % columns);
        let x = PADDING + i32::try_from(column).unwrap_or(0) * (chip + CHIP_GAP);
        let top = y + TITLE + i32::try_from(row).unwrap_or(0) * (CHIP_HEIGHT + CHIP_GAP);
        draw_chip(svg, model, *cluster, (x, top, chip));
    }
    svg.close("g");
    height
}

fn draw_chip(svg: &mut Svg, model: &Model, cluster: ClusterId, (x, y, width): (i32, i32, i32)) {
    let declared = &model.clusters[cluster];
    let name = declared.name.value.as_str();
    let region = declared.region.as_ref().map_or("", |region| region.value.as_str());
    let pods = declared.pods.first().map(|cidr| cidr.value.to_string()).unwrap_or_default();
    let letters = usize::try_from((width - 20) / 6).unwrap_or(0);
    let text = |number: i32| number.to_string();
    let label = format!("cluster {name}");
    let group =
        [("class", "cluster"), ("data-cluster", name), ("tabindex", "0"), ("role", "button"), ("aria-label", &*label)];
    svg.open("g", &group);
    let title = [name, region, &pods].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    svg.text("title", &[], &title);
    let (left, top, wide, high) = (text(x), text(y), text(width), text(CHIP_HEIGHT));
    svg.empty("rect", &[("x", &left), ("y", &top), ("width", &wide), ("height", &high), ("rx", "7")]);
    let inner = text(x + 10);
    svg.text("text", &[("class", "name"), ("x", &inner), ("y", &text(y + 16))], &cut(name, letters));
    svg.text("text", &[("class", "note"), ("x", &inner), ("y", &text(y + 30))], &cut(region, letters));
    svg.close("g");
}
