//! Real API servers, `tests/api-server`, and a client for what tests do with them.
//!
//! One fleet per test binary and a namespace per test: nothing deletes a namespace here, as there is no
//! controller-manager.

mod client;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Deserialize;

pub use client::{Cluster, Refusal};

/// Running API servers. They end, and what they wrote goes, when this is dropped or the test binary ends.
#[derive(Debug)]
pub struct Fleet {
    process: Child,
    /// The servers live until this is closed.
    input: Option<ChildStdin>,
    clusters: BTreeMap<String, Cluster>,
}

impl Fleet {
    /// Starts a server for each name, which takes three seconds and more, or skips `test`.
    pub fn start(test: &str, names: &[&str]) -> Option<Self> {
        let program = crate::tool(test, "FLEETNET_API_SERVER")?;
        let folder = folder();
        let log = std::fs::File::create(folder.with_extension("log")).expect("a log can be written");
        let mut process = Command::new(program)
            .arg(&folder)
            .args(names)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the API servers can be started");
        let mut ready = String::new();
        BufReader::new(process.stdout.take().expect("standard output is piped"))
            .read_line(&mut ready)
            .expect("the API servers say something");
        let ready: Ready = serde_json::from_str(&ready).unwrap_or_else(|_| panic!("{}", start_failure(&folder)));
        drop(std::fs::remove_file(folder.with_extension("log")));
        let token = ready.token;
        let clusters = ready.servers.into_iter().map(|server| {
            let cluster = Cluster::new(&server.name, &server.url, &server.ca, &token);
            (server.name, cluster)
        });
        Some(Self { clusters: clusters.collect(), input: process.stdin.take(), process })
    }

    /// The cluster of a name that the fleet was started with.
    pub fn cluster(&self, name: &str) -> &Cluster {
        self.clusters.get(name).unwrap_or_else(|| panic!("no API server was started for cluster `{name}`"))
    }

    /// All clusters by name.
    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.values()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.input = None;
        // It ends with its input. There is nothing to do about one that can't be waited for.
        drop(self.process.wait());
    }
}

/// The folder with the CRDs of a project: `cilium`, `fleet`, `fleet-networking`, `gateway-api` or `mcs-api`. `None` if
/// `FLEETNET_CRDS` is not set.
///
/// The two projects of Azure publish newer ones than their Go modules hold (`ServiceExport` v1beta1, for one); where
/// `FLEETNET_SHARED` has those, they are used.
pub fn crds(project: &str) -> Option<PathBuf> {
    let folder = |variable: &str, path: &str| std::env::var_os(variable).map(|folder| PathBuf::from(folder).join(path));
    let newer = match project {
        "fleet" => folder("FLEETNET_SHARED", "crds/azure-fleet"),
        "fleet-networking" => folder("FLEETNET_SHARED", "crds/fleet-networking"),
        _ => None,
    };
    newer.filter(|folder| folder.is_dir()).or_else(|| folder("FLEETNET_CRDS", project))
}

/// The line that the program prints when its servers are ready.
#[derive(Deserialize)]
struct Ready {
    token: String,
    servers: Vec<ReadyServer>,
}

#[derive(Deserialize)]
struct ReadyServer {
    name: String,
    url: String,
    ca: String,
}

/// A folder that does not exist. Its path is short, because sockets lie in it.
fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("fleetnet-fleet-{}-{count}", std::process::id()))
}

/// What the servers said last before they ended.
fn start_failure(folder: &std::path::Path) -> String {
    let log = std::fs::read_to_string(folder.with_extension("log")).unwrap_or_default();
    let mut last: Vec<&str> = log.lines().rev().take(20).collect();
    last.reverse();
    format!("the API servers did not start:\n{}", last.join("\n"))
}
