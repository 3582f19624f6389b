//! `fleetnet image ls`: what an image is of, and its maps.

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;

use super::{Error, print_line, text};
use crate::cli::ImageLs;
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &ImageLs, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let image = super::open(&args.image)?;
    print_line(&heading(&image), terminal);
    let rows = image.sections().iter().map(|section| row(&image, section));
    let titles = ["MAP", "OF", "TYPE", "KEY", "VALUE", "ENTRIES", "CAPACITY"].map(str::to_owned);
    print_table(std::iter::once(titles).chain(rows).collect(), terminal);
    Ok(Outcome::Good)
}

pub(super) fn heading(image: &Image) -> String {
    let header = image.header();
    let id = match header.cluster_id {
        0 => String::new(),
        id => format!(" (id {id})"),
    };
    format!(
        "cluster {}{id} of fleet {}, {}, {} rules, {} identities",
        header.cluster,
        header.fleet,
        header.abi,
        image.rules().len(),
        image.identities().len()
    )
}

fn row(image: &Image, section: &Section) -> [String; 7] {
    let spec = section.spec();
    [
        text::map_name(section.map()),
        subject(image, section.map()),
        spec.map_type.name().to_owned(),
        spec.key_size.to_string(),
        spec.value_size.to_string(),
        section.len().to_string(),
        section.capacity().to_string(),
    ]
}

/// What a map is of.
pub(super) fn subject(image: &Image, map: MapKind) -> String {
    match map {
        MapKind::Policy { subject } => text::identity_name(image, subject),
        MapKind::Ipcache => "-".to_owned(),
    }
}

/// Prints columns as wide as their widest cell, a line for each row.
pub(super) fn print_table<const N: usize>(rows: Vec<[String; N]>, terminal: &mut Terminal) {
    let widths = rows.iter().fold([0; N], |widths: [usize; N], row| {
        let mut wider = widths;
        for (width, cell) in wider.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
        wider
    });
    for row in rows {
        let cells = row.into_iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        print_line(cells.collect::<Vec<_>>().join("  ").trim_end(), terminal);
    }
}
