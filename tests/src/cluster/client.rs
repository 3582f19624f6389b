//! Requests to one API server.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::manifest;

/// The field manager fleetnet applies with.
const FIELD_MANAGER: &str = "fleetnet";

/// How long CRDs may take to be served; one takes 20 ms.
const ESTABLISHED: Duration = Duration::from_mins(1);

/// One API server, as an administrator.
#[derive(Debug)]
pub struct Cluster {
    name: String,
    url: String,
    authorization: String,
    agent: Agent,
    /// Where the objects of a kind live, learnt from the server.
    resources: Mutex<BTreeMap<(String, String), Resource>>,
}

/// The server's answer to an object it doesn't take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status. An unknown field or a wrong type is 500 with server-side apply, a missing namespace 404.
    pub status: u16,
    /// The server's explanation.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.message)
    }
}

#[derive(Clone, Debug)]
struct Resource {
    plural: String,
    namespaced: bool,
}

/// Whether what is applied stays.
#[derive(Clone, Copy, Debug)]
enum Apply {
    DryRun,
    Really,
}

impl Cluster {
    pub(super) fn new(name: &str, url: &str, ca: &str, token: &str) -> Self {
        let certificates: Vec<_> = parse_pem(ca.as_bytes())
            .filter_map(|item| match item.expect("the server's certificate is PEM") {
                PemItem::Certificate(certificate) => Some(certificate),
                _ => None,
            })
            .collect();
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(certificates))).build();
        let agent = Agent::config_builder().tls_config(tls).http_status_as_error(false).build().new_agent();
        Self {
            name: name.to_owned(),
            url: url.to_owned(),
            authorization: format!("Bearer {token}"),
            agent,
            resources: Mutex::default(),
        }
    }

    /// The cluster's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the server would take an object: server-side apply with a dry run. The answer is the object as it would
    /// be stored.
    ///
    /// # Errors
    /// What the server says against it; also that it knows no such kind (404).
    pub fn apply_dry_run(&self, object: &Value) -> Result<Value, Refusal> {
        self.apply_as(object, Apply::DryRun)
    }

    /// Applies an object, which stays.
    ///
    /// # Errors
    /// What the server says against it; also that it knows no such kind (404).
    pub fn apply(&self, object: &Value) -> Result<Value, Refusal> {
        self.apply_as(object, Apply::Really)
    }

    /// Whether the server knows a kind, which depends on the CRDs that are installed.
    pub fn knows(&self, api_version: &str, kind: &str) -> bool {
        self.resource(api_version, kind).is_ok()
    }

    /// Makes sure that a namespace exists.
    pub fn create_namespace(&self, name: &str) {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.apply(&namespace).unwrap_or_else(|refusal| panic!("namespace `{name}`: {refusal}"));
    }

    /// Installs the CRDs among the YAML files of a folder and waits until the server serves their kinds.
    pub fn install_crds(&self, folder: &Path) {
        let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = files.map(|file| file.expect("a folder can be read").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
        paths.sort();
        let mut installed = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let objects = manifest::objects(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for crd in objects.iter().filter(|object| manifest::text(object, "/kind") == "CustomResourceDefinition") {
                self.apply(crd).unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()));
                installed.push(manifest::text(crd, "/metadata/name").to_owned());
            }
        }
        assert!(!installed.is_empty(), "no CRD is in {}", folder.display());
        let deadline = Instant::now() + ESTABLISHED;
        for name in installed {
            while !self.serves(&name) {
                assert!(Instant::now() < deadline, "{}: CRD {name} is not served", self.name);
                thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// Whether a CRD is established and its kind in the server's lists.
    fn serves(&self, crd: &str) -> bool {
        let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{crd}");
        let Ok(crd) = self.request("GET", &path, None) else { return false };
        let conditions = crd.pointer("/status/conditions").and_then(Value::as_array);
        let established = conditions.is_some_and(|conditions| {
            conditions.iter().any(|condition| {
                manifest::text(condition, "/type") == "Established" && manifest::text(condition, "/status") == "True"
            })
        });
        let group = manifest::text(&crd, "/spec/group");
        let kind = manifest::text(&crd, "/spec/names/kind");
        let versions = crd.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
        let mut served = versions.filter(|version| version.get("served") == Some(&Value::Bool(true)));
        established
            && served.all(|version| {
                let api_version = format!("{group}/{}", manifest::text(version, "/name"));
                self.resource(&api_version, kind).is_ok()
            })
    }

    fn apply_as(&self, object: &Value, how: Apply) -> Result<Value, Refusal> {
        let api_version = manifest::text(object, "/apiVersion");
        let resource = self.resource(api_version, manifest::text(object, "/kind"))?;
        let name = manifest::text(object, "/metadata/name");
        if name.is_empty() {
            return Err(Refusal { status: 422, message: "the object has no metadata.name".to_owned() });
        }
        let namespace = match manifest::text(object, "/metadata/namespace") {
            _ if !resource.namespaced => String::new(),
            "" => "/namespaces/default".to_owned(),
            namespace => format!("/namespaces/{namespace}"),
        };
        let dry_run = match how {
            Apply::DryRun => "&dryRun=All",
            Apply::Really => "",
        };
        let path = format!(
            "{}{namespace}/{}/{name}?fieldManager={FIELD_MANAGER}&force=true{dry_run}",
            group_path(api_version),
            resource.plural
        );
        self.request("PATCH", &path, Some(object))
    }

    /// Where the objects of a kind live. What the server doesn't know yet it is asked for again next time.
    fn resource(&self, api_version: &str, kind: &str) -> Result<Resource, Refusal> {
        let key = (api_version.to_owned(), kind.to_owned());
        let known = || self.resources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resource) = known().get(&key) {
            return Ok(resource.clone());
        }
        let list = self.request("GET", &group_path(api_version), None)?;
        let resources = list.get("resources").and_then(Value::as_array).into_iter().flatten();
        for entry in resources.filter(|entry| !manifest::text(entry, "/name").contains('/')) {
            let resource = Resource {
                plural: manifest::text(entry, "/name").to_owned(),
                namespaced: entry.get("namespaced") == Some(&Value::Bool(true)),
            };
            known().insert((api_version.to_owned(), manifest::text(entry, "/kind").to_owned()), resource);
        }
        let unknown = || Refusal { status: 404, message: format!("{} knows no {kind} of {api_version}", self.name) };
        known().get(&key).cloned().ok_or_else(unknown)
    }

    /// One request; `body` is applied. Panics if the server can't be reached.
    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Refusal> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Authorization", &self.authorization);
        if body.is_some() {
            // JSON is YAML.
            request = request.header("Content-Type", "application/apply-patch+yaml");
        }
        let request = request.body(body.map(Value::to_string).unwrap_or_default()).expect("names make a URL");
        let mut response =
            self.agent.run(request).unwrap_or_else(|error| panic!("{}: {method} {path}: {error}", self.name));
        let status = response.status();
        let text = response.body_mut().read_to_string().expect("the server's answer is text");
        let answer = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status.is_success() {
            return Ok(answer);
        }
        let message = answer.get("message").and_then(Value::as_str).or(answer.as_str()).unwrap_or_default();
        Err(Refusal { status: status.as_u16(), message: message.to_owned() })
    }
}

/// The path of an API version, `v1` or `GROUP/VERSION`.
fn group_path(api_version: &str) -> String {
    if api_version.contains('/') { format!("/apis/{api_version}") } else { format!("/api/{api_version}") }
}
