//! The meshes of a package.

use fleetnet_lang::ast::{self, AstNode, MeshStmt, Setting};

use super::context::{Context, Declared};
use super::places::Places;
use super::read::Reader;
use super::set_text::{self, SetText};
use crate::codes::names as codes;
use crate::model::{ClusterSet, Encryption, Id, MemberText, Mesh, MeshId, Name, Routing, Spanned, Table};

/// Resolves the meshes.
pub(super) fn resolve(ctx: &mut Context, places: &Places, declared: &[Declared<ast::Mesh<'_>>]) -> Table<MeshId, Mesh> {
    let meshes = declared.iter().enumerate().map(|(place, mesh)| resolve_one(ctx, places, MeshId::at(place), mesh));
    meshes.collect::<Vec<_>>().into()
}

fn resolve_one(ctx: &mut Context, places: &Places, id: MeshId, declared: &Declared<ast::Mesh<'_>>) -> Mesh {
    let mut reader = Reader::new(ctx, declared.file);
    let sound = places.members(id);
    let members = sound.unwrap_or_default();
    let mut mesh = Mesh {
        name: declared.name.clone(),
        members,
        written: written(&mut reader, declared),
        publish: members,
        publish_span: None,
        consume: members,
        consume_span: None,
        routing: Routing::Native,
        encryption: None,
        forget_lost_after: None,
        doc: declared.doc(),
    };
    for statement in declared.node.statements() {
        match statement {
            MeshStmt::Members(_) | MeshStmt::Waive(_) => {}
            MeshStmt::Publish(setting) => {
                mesh.publish = part(&mut reader, places, (&mesh.name.value, sound), &setting);
                mesh.publish_span = Some(setting.span(declared.file));
            }
            MeshStmt::Consume(setting) => {
                mesh.consume = part(&mut reader, places, (&mesh.name.value, sound), &setting);
                mesh.consume_span = Some(setting.span(declared.file));
            }
            MeshStmt::Routing(setting) => mesh.routing = routing(&setting),
            MeshStmt::Encryption(setting) => {
                let encryption = setting.choice::<ast::Encryption>().map(encryption);
                mesh.encryption = encryption.map(|value| Spanned::new(value, setting.span(declared.file)));
            }
            MeshStmt::ForgetLostAfter(setting) => {
                mesh.forget_lost_after = setting.word().and_then(|word| reader.duration(&word));
            }
        }
    }
    mesh
}

fn written(reader: &mut Reader<'_>, declared: &Declared<ast::Mesh<'_>>) -> MemberText {
    let name = &declared.name;
    let Some(set) = set_text::members(declared) else {
        let message = format!("mesh `{}` does not say its members", name.value);
        reader.ctx.incomplete(name.span, message, "write `members` and a set of clusters");
        return MemberText::Other(name.span);
    };
    let text = SetText::of_set(reader, &set);
    let selector = text.selector(reader);
    selector.map_or(MemberText::Other(text.span), MemberText::Selector)
}

/// `publish` or `consume`: some of the members, which are nothing where they are broken.
fn part(
    reader: &mut Reader<'_>,
    places: &Places,
    (mesh, members): (&Name, Option<ClusterSet>),
    setting: &Setting<'_>,
) -> ClusterSet {
    let Some(set) = setting.set() else { return members.unwrap_or_default() };
    let Some(members) = members else {
        // What is written here is only read for its own sake.
        return places.written(reader, &set).unwrap_or_default();
    };
    let part = places.within(reader, &set, members, codes::OUTSIDE, || format!("not in mesh `{mesh}`"));
    part.unwrap_or(members)
}

fn routing(setting: &Setting<'_>) -> Routing {
    match setting.choice::<ast::Routing>() {
        Some(ast::Routing::Tunnel) => Routing::Tunnel,
        Some(ast::Routing::Native) | None => Routing::Native,
    }
}

fn encryption(choice: ast::Encryption) -> Encryption {
    match choice {
        ast::Encryption::Wireguard => Encryption::Wireguard,
        ast::Encryption::Ipsec => Encryption::Ipsec,
        ast::Encryption::None => Encryption::None,
    }
}
