//! `fleetnet image load`: the maps of an image into the kernel.

use fleetnet_compiler::image::section::Section;

use crate::cli::ImageLoad;
use crate::kernel::{self, Before, Fate, Filled, Loaded, New, Root};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &ImageLoad, terminal: &mut Terminal) -> Result<Outcome, super::super::Error> {
    let image = super::open(&args.image)?;
    let root = Root::new(&args.pins.root)?;
    let started = std::time::Instant::now();
    let loaded = kernel::load(&root, &image, args.cluster.as_deref())?;
    let cluster = &image.header().cluster;
    match loaded {
        Loaded::Already => terminal.say(&format!("cluster {cluster}: this image is loaded already, with every entry")),
        Loaded::New(New { filled, before, leftover }) => {
            say_before(cluster, &before, terminal);
            let entries = image.sections().iter().map(Section::len).sum();
            let entries = super::counted(entries, "entry", "entries");
            let maps = super::counted(image.sections().len(), "map", "maps");
            let place = args.pins.root.join(cluster).join("current");
            terminal.say(&format!(
                "cluster {cluster}: {maps} with {entries} loaded and read back; pins in `{}`",
                place.display()
            ));
            if let Some(leftover) = leftover {
                terminal.warn(&format!("cluster {cluster}: the image is loaded, but {leftover}"));
            }
            let way = match filled {
                Filled::InBatches => "in batches",
                Filled::OneByOne => "one by one, as this kernel has no batches for these maps",
            };
            terminal.detail(&format!("filled {way}; all in {} ms", started.elapsed().as_millis()));
        }
    }
    Ok(Outcome::Good)
}

/// Whoever loads over maps that somebody else wrote to should hear of it.
fn say_before(cluster: &str, before: &Before, terminal: &mut Terminal) {
    match before {
        Before::Fine => {}
        Before::Changed { maps, entries, fate } => {
            let (maps, entries) = (super::counted(*maps, "map", "maps"), super::counted(*entries, "entry", "entries"));
            let fate = match fate {
                Fate::Mended => "they are as in the image now",
                Fate::Kept => "they stay so in the previous build",
            };
            terminal
                .warn(&format!("cluster {cluster}: since the last load {entries} in {maps} had been changed; {fate}"));
        }
        Before::Unreadable(problem) => {
            terminal.warn(&format!(
                "cluster {cluster}: there is no previous build, as the one that was loaded can't be read: {problem}"
            ));
        }
    }
}
