//! `fleetnet schema`: what the program's JSON looks like. The schemas lie in `docs/schemas`, too.

use clap::ValueEnum as _;
use schemars::Schema;

use super::image;
use crate::cli::{self, SchemaName};
use crate::report;
use crate::schema::{self, Manifest};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &cli::Schema, terminal: &mut Terminal) -> Outcome {
    match args.name {
        Some(name) => terminal.print(&text(&of(name))),
        None => SchemaName::value_variants().iter().for_each(|name| terminal.print(&line(*name))),
    }
    Outcome::Good
}

fn of(name: SchemaName) -> Schema {
    match name {
        SchemaName::Check => report::document_schema(),
        SchemaName::CheckLine => report::line_schema(),
        SchemaName::Why => report::answer_schema(),
        SchemaName::Build => schema::of::<Manifest>(),
        SchemaName::ImageDump => image::dump_schema(),
        SchemaName::ImageStatus => image::status_schema(),
    }
}

fn line(name: SchemaName) -> String {
    let value = name.to_possible_value();
    let (word, about) = value.map_or_else(Default::default, |value| {
        (value.get_name().to_owned(), value.get_help().map(ToString::to_string).unwrap_or_default())
    });
    format!("{word:<13}  {about}\n")
}

fn text(schema: &Schema) -> String {
    // A schema is JSON by itself.
    serde_json::to_string_pretty(schema).map_or_else(|_| String::new(), |text| text + "\n")
}
