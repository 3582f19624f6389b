//! The text of a new package.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use fleetnet_lang::format::format;
use fleetnet_lang::literals::Cidr;
use fleetnet_lang::words::is_reserved;

use crate::cli::{InitTarget, NewCluster};

/// Bytes of a name, as Kubernetes counts them.
const LONGEST_NAME: usize = 63;
/// What a cluster gets whose addresses nobody said: 10.N.0.0/16.
const BLOCK_PREFIX: u8 = 16;

/// What a new package says.
pub struct Draft {
    pub name: String,
    /// At least one, each with a name of its own.
    pub clusters: Vec<NewCluster>,
    pub target: InitTarget,
    /// The name of the mesh that joins all clusters.
    pub mesh: Option<String>,
}

impl Draft {
    /// The source, laid out.
    pub fn text(&self) -> String {
        format(&self.written())
    }

    fn written(&self) -> String {
        let mut text = format!(
            "## The fleet: what it is built into, and what holds where no rule decides.\nfleet {} {{\n",
            self.name
        );
        text += match self.target {
            InitTarget::Cilium => "  target cilium\n",
            InitTarget::AzureFleet => {
                "  # Write the names of your own.\n  target azure-fleet {\n    subscription \"00000000-0000-0000-0000-000000000000\"\n    \
                 resource-group \"rg-fleet\"\n  }\n"
            }
        };
        text += "  default deny\n}\n";
        let taken: Vec<Cidr> = self.clusters.iter().flat_map(|cluster| cluster.pods.iter().copied()).collect();
        let mut free = (1..=u8::MAX).filter(|second| !taken.iter().any(|cidr| meets(*cidr, *second)));
        for (cluster, id) in self.clusters.iter().zip(1_u32..) {
            self.cluster(&mut text, cluster, id, &mut free);
        }
        if let Some(mesh) = &self.mesh {
            let members = match self.target {
                InitTarget::Cilium => "all".to_owned(),
                InitTarget::AzureFleet => format!("where mesh = {mesh}"),
            };
            let _ = write!(text, "\nmesh {mesh} {{\n  members {members}\n");
            text += match self.target {
                InitTarget::Cilium => "  forget-lost-after 5m\n",
                InitTarget::AzureFleet => "",
            };
            text += "}\n";
        }
        self.workloads(&mut text);
        text
    }

    fn cluster(&self, text: &mut String, cluster: &NewCluster, id: u32, free: &mut impl Iterator<Item = u8>) {
        let _ = write!(text, "\ncluster {} {{\n  id {id}\n", cluster.name);
        if let (InitTarget::AzureFleet, Some(mesh)) = (self.target, &self.mesh) {
            let _ = writeln!(text, "  labels {{ mesh = {mesh} }}");
        }
        let blocks: Vec<String> = match cluster.pods.as_slice() {
            [] => free.next().map(|second| format!("10.{second}.0.0/{BLOCK_PREFIX}")).into_iter().collect(),
            given => given.iter().map(Cidr::to_string).collect(),
        };
        if !blocks.is_empty() {
            let _ = writeln!(text, "  pods {}", blocks.join(", "));
        }
        text.push_str("  cilium \"1.18.0\"\n");
        if let Some(context) = &cluster.context {
            let _ = writeln!(text, "  context {}", quoted(context));
        }
        text.push_str("}\n");
    }

    /// Two workloads, a rule and a test, to be replaced by real ones.
    fn workloads(&self, text: &mut String) {
        text.push_str("\nnamespace apps {\n  in all\n");
        if let Some(mesh) = &self.mesh {
            let _ = writeln!(text, "  global in {mesh}");
        }
        text.push_str("}\n\nidentity apps/web { match app = web }\n\nidentity apps/api {\n  match app = api\n  port http 8080/tcp\n}\n");
        text.push_str("\npolicy calls { allow apps/web -> apps/api in local on http }\n");
        let place = self.clusters.first().map_or("all", |cluster| &cluster.name);
        let _ = write!(
            text,
            "\ntest \"only web calls the API\" {{\n  can    apps/web in {place} -> apps/api in {place} on http\n  cannot apps/unlisted -> apps/api\n  \
             cannot world -> apps/*\n}}\n"
        );
    }
}

/// Whether a block shares an address with 10.`second`.0.0/16.
fn meets(block: Cidr, second: u8) -> bool {
    let IpAddr::V4(address) = block.address() else { return false };
    let differing = u32::from(address) ^ u32::from(Ipv4Addr::new(10, second, 0, 0));
    let shared = block.prefix().min(BLOCK_PREFIX);
    differing.leading_zeros() >= u32::from(shared)
}

/// The name nearest to a text that is legal; none, if nothing is left of it.
pub fn legal_name(text: &str) -> Option<String> {
    let mapped = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let mapped: String = mapped.collect();
    let kept: String = mapped.trim_matches('-').chars().take(LONGEST_NAME).collect();
    let kept = kept.trim_end_matches('-');
    match kept {
        "" => None,
        word if is_reserved(word) => Some(format!("{word}-1")),
        word => Some(word.to_owned()),
    }
}

/// A string as the language writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_legal() {
        assert_eq!(legal_name("Prod_EU (admin)").as_deref(), Some("prod-eu--admin"));
        assert_eq!(legal_name("all").as_deref(), Some("all-1"));
        assert_eq!(legal_name(&"a.".repeat(80)).map(|name| name.len()), Some(63));
        assert_eq!(legal_name("--é--"), None);
    }

    #[test]
    fn what_ends_a_string_is_escaped() {
        assert_eq!(quoted("a\"b\\c\n\u{1}"), r#""a\"b\\c\n\u{1}""#);
    }
}
