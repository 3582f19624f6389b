//! What is outside the fleet and has a name in it.

use fleetnet_lang::ast::{self, AstNode, ExternalStmt, Setting};
use fleetnet_lang::{Diagnostic, Span};

use super::context::{Context, Declared};
use super::exceptions;
use super::names::Found;
use super::read::Reader;
use super::who::Who;
use crate::codes::names as codes;
use crate::model::{Cidr, CidrBlock, DnsPattern, External, ExternalId, ForeignPods, Selector, Spanned, Table};

/// Resolves the externals.
pub(super) fn resolve(
    ctx: &mut Context,
    who: &Who,
    declared: &[Declared<ast::External<'_>>],
) -> Table<ExternalId, External> {
    declared.iter().map(|external| resolve_one(ctx, who, external)).collect::<Vec<_>>().into()
}

fn resolve_one(ctx: &mut Context, who: &Who, declared: &Declared<ast::External<'_>>) -> External {
    let mut external = External {
        name: declared.name.clone(),
        cidrs: Vec::new(),
        names: Vec::new(),
        pods: Vec::new(),
        doc: declared.doc(),
    };
    let mut reader = Reader::new(ctx, declared.file);
    let mut stated = false;
    let mut except = Vec::new();
    for statement in declared.node.statements() {
        match statement {
            ExternalStmt::Cidr(node) => {
                let (blocks, less) = cidr_list(&mut reader, &node);
                external.cidrs.extend(blocks);
                except.extend(less);
            }
            ExternalStmt::Dns(setting) => {
                let patterns = setting.texts().filter_map(|text| reader.dns_pattern(&text));
                external.names.extend(patterns.map(|name| Spanned::new(DnsPattern(name.value), name.span)));
            }
            ExternalStmt::Pods(setting) => external.pods.extend(foreign_pods(&mut reader, who, &setting)),
            ExternalStmt::Waive(_) => continue,
        }
        stated = true;
    }
    if !except.is_empty() {
        exceptions::added_again(reader.ctx, &external.cidrs, &except);
    }
    if !stated {
        let message = format!("external `{}` does not say what it is", declared.name.value);
        ctx.incomplete(declared.name.span, message, "write `cidr`, `dns` or `pods`");
    }
    external
}

/// `cidr A, B except C`: each exception belongs to the block that it lies in. The blocks, and the exceptions as they are written.
fn cidr_list(reader: &mut Reader<'_>, node: &ast::CidrList<'_>) -> (Vec<Spanned<CidrBlock>>, Vec<Spanned<Cidr>>) {
    let blocks: Vec<Spanned<Cidr>> = node.cidrs().filter_map(|word| reader.cidr(&word)).collect();
    let except: Vec<ast::Word<'_>> = node.except().into_iter().flat_map(|except| except.cidrs()).collect();
    let except: Vec<Spanned<Cidr>> = except.iter().filter_map(|word| reader.cidr(word)).collect();
    exceptions::nested(reader.ctx, &blocks.iter().map(|block| block.value).collect::<Vec<_>>(), &except);
    let mut blocks: Vec<Spanned<CidrBlock>> = blocks
        .into_iter()
        .map(|cidr| Spanned::new(CidrBlock { cidr: cidr.value, except: Vec::new() }, cidr.span))
        .collect();
    for cidr in except.iter().copied() {
        let mut inside = false;
        for block in blocks.iter_mut().filter(|block| is_inside(block.value.cidr, cidr.value)) {
            inside = true;
            block.value.except.push(cidr.value);
        }
        if !inside {
            outside(reader.ctx, cidr, node.span(reader.file));
        }
    }
    for block in &mut blocks {
        sort(&mut block.value.except);
    }
    (blocks, except)
}

/// `cidr A except B, C` of one block.
pub(super) fn cidr_block(reader: &mut Reader<'_>, cidr: Spanned<Cidr>, except: Vec<Spanned<Cidr>>) -> CidrBlock {
    exceptions::nested(reader.ctx, &[cidr.value], &except);
    let mut block = CidrBlock { cidr: cidr.value, except: Vec::new() };
    for except in except {
        if is_inside(cidr.value, except.value) {
            block.except.push(except.value);
        } else {
            outside(reader.ctx, except, cidr.span);
        }
    }
    sort(&mut block.except);
    block
}

fn is_inside(block: Cidr, cidr: Cidr) -> bool {
    block.contains(&cidr) && block != cidr
}

fn outside(ctx: &mut Context, except: Spanned<Cidr>, block: Span) {
    let message = format!("`{}` is not inside a block that it is taken out of", except.value);
    let help = "an exception is smaller than its block and lies in it: correct it, or leave it out";
    ctx.report(Diagnostic::new(codes::BAD_VALUE, except.span, message).related(block, "the block").help(help));
}

fn sort(cidrs: &mut Vec<Cidr>) {
    cidrs.sort_unstable();
    cidrs.dedup();
}

fn foreign_pods(reader: &mut Reader<'_>, who: &Who, setting: &Setting<'_>) -> Option<Spanned<ForeignPods>> {
    let namespace = reader.name(&setting.word()?)?;
    let selector = match setting.selector() {
        Some(selector) => reader.satisfiable(&selector)?.value,
        None => Selector::default(),
    };
    match who.namespace_index.get(namespace.value.as_str()) {
        Found::Unknown => {
            let pods = ForeignPods { namespace: namespace.value, selector };
            Some(Spanned::new(pods, setting.span(reader.file)))
        }
        Found::Is(id) => {
            let message = format!("namespace `{}` is declared, so its pods are no external", namespace.value);
            reader.ctx.report(
                Diagnostic::new(codes::WRONG_KIND, namespace.span, message)
                    .related(who.namespaces[id].name.span, "declared here")
                    .help(format!("write `{}/*`, or an identity of it, in the rule itself", namespace.value)),
            );
            None
        }
        Found::Broken => None,
    }
}
