//! `fleetnet playground`: the page, served from this program to this machine.

use std::io;
use std::path::PathBuf;

use crate::cli::Playground;
use crate::page::{self, Server};
use crate::terminal::{Outcome, Terminal};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was built without.
    #[error("this fleetnet was built without the page; `cargo xtask page` builds one with it")]
    NoPage,
    /// The port is somebody else's.
    #[error("port {port} of 127.0.0.1 can't be served: {source}; leave `--port` out to take any free one")]
    Port { port: u16, source: io::Error },
    /// The system has no more of something.
    #[error("the page can't be served any longer: {source}; start it again")]
    Serve { source: io::Error },
    /// More than a link can hold.
    #[error("the package of `{}` is too large for a link; open the page without it", path.display())]
    TooLarge { path: PathBuf },
}

pub fn run(args: &Playground, terminal: &mut Terminal) -> Result<Outcome, super::Error> {
    if !page::is_here() {
        return Err(Error::NoPage.into());
    }
    let fragment = match &args.path {
        Some(path) => {
            let package = super::open(path, terminal)?;
            page::fragment(&package).map_err(|page::TooLarge| Error::TooLarge { path: path.clone() })?
        }
        None => String::new(),
    };
    let server = Server::on(args.port).map_err(|source| Error::Port { port: args.port, source })?;
    terminal.show(&format!("{}{fragment}\n", server.address()));
    terminal.say("open this link in a browser; nothing leaves this machine; Ctrl-C ends it");
    server.run().map_err(|source| Error::Serve { source })?;
    Ok(Outcome::Good)
}
