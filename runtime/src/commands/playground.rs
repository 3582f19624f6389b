//! `fleetnet playground`: the page, served from this program to this machine.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use fleetnet_compiler::compile::World as _;
use fleetnet_lang::SourceFile;

use crate::cli::{Format, Playground};
use crate::package::Package;
use crate::page::{self, Server};
use crate::report::Report;
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
    /// No link holds it.
    #[error("the package of `{}` does not fit into a link: {why}; open the page without it", path.display())]
    Unfit { path: PathBuf, why: page::Unfit },
}

pub fn run(args: &Playground, terminal: &mut Terminal) -> Result<Outcome, super::Error> {
    if !page::is_here() {
        return Err(Error::NoPage.into());
    }
    let fragment = match &args.path {
        Some(path) => {
            let package = super::open(path, &[], terminal)?;
            let params = args.set.iter().map(|param| (param.name.clone(), param.value.clone())).collect();
            if let Some((sources, findings)) = package.not_text() {
                super::tell(&package, Report::new(&sources, &findings), Format::Human, terminal);
                return Ok(Outcome::Findings);
            }
            page::fragment(files(path, &package), params).map_err(|why| Error::Unfit { path: path.clone(), why })?
        }
        None => String::new(),
    };
    let server = Server::on(args.port).map_err(|source| Error::Port { port: args.port, source })?;
    terminal.show(&format!("{}{fragment}\n", server.address()));
    terminal.say("open this link in a browser; nothing leaves this machine; Ctrl-C ends it");
    server.run().map_err(|source| Error::Serve { source })?;
    Ok(Outcome::Good)
}

/// The texts of a package by path. What comes in has no name, and a file on the page needs one.
fn files(path: &Path, package: &Package) -> BTreeMap<String, String> {
    let named = |file: SourceFile| {
        let name = if path == Path::new("-") { "stdin.fleetnet".to_owned() } else { file.path.to_string() };
        (name, file.text.to_string())
    };
    package.sources().into_iter().chain(package.lock()).map(named).collect()
}
