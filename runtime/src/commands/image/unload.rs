//! `fleetnet image unload`: nothing of fleetnet in the kernel.

use crate::cli::ImageUnload;
use crate::kernel::{self, Root};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &ImageUnload, terminal: &mut Terminal) -> Result<Outcome, kernel::Error> {
    let root = Root::new(&args.pins.root)?;
    let unloaded = kernel::unload(&root, args.cluster.as_deref())?;
    if unloaded.is_empty() {
        let what =
            args.cluster.as_ref().map_or_else(|| "nothing".to_owned(), |name| format!("nothing of cluster {name}"));
        terminal.say(&format!("{what} is loaded in `{}`", root.path().display()));
    }
    for cluster in unloaded {
        terminal.say(&format!("cluster {cluster}: unloaded"));
    }
    Ok(Outcome::Good)
}
