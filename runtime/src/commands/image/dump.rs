//! `fleetnet image dump`: the entries of an image.

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;

use super::{Error, bpftool, print_line, text};
use crate::cli::{DumpFormat, ImageDump};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &ImageDump, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let image = super::open(&args.image)?;
    let sections = super::sections(&image, &args.image, args.map.as_deref())?;
    match args.format {
        DumpFormat::Text => sections.into_iter().for_each(|section| print_text(&image, section, terminal)),
        DumpFormat::Json => match (&args.map, sections.as_slice()) {
            (Some(_), [section]) => bpftool::print_map(section, terminal),
            _ => bpftool::print_maps(&sections, terminal),
        },
        DumpFormat::Bpftool => bpftool::print_script(&image, &args.image, &sections, terminal)?,
    }
    Ok(Outcome::Good)
}

fn print_text(image: &Image, section: &Section, terminal: &mut Terminal) {
    let name = text::map_name(section.map());
    let heading = match section.map() {
        MapKind::Policy { subject } => format!("{name} of {}", text::identity_name(image, subject)),
        MapKind::Ipcache => name,
    };
    print_line(&heading, terminal);
    for (entry, rule) in text::entries(image, section) {
        print_line(&format!("  {entry}  {}", text::rule_note(rule, image.rule(rule))), terminal);
    }
}
