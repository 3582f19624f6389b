package main

import (
	"encoding/json"
	"runtime/debug"
)

// Case is one line of input: a cluster as its agents see it, and the policies
// in it.
type Case struct {
	Name   string `json:"name"`
	Config Config `json:"config"`
	// Identities are all peers the cluster knows, of its own and of remote
	// clusters, including one per CIDR prefix that a policy mentions. Reserved
	// ones that are missing are added.
	Identities []Identity `json:"identities"`
	// Endpoints are the pods whose maps are wanted.
	Endpoints []Endpoint `json:"endpoints"`
	// Policies are Kubernetes objects as JSON.
	Policies []json.RawMessage `json:"policies"`
	// Manifests are Kubernetes objects as a stream of YAML documents; they
	// follow Policies.
	Manifests string `json:"manifests"`
	// Probes ask for verdicts beside entries.
	Probes *Probes `json:"probes"`
}

// Config holds the agent's settings that change a policy map.
type Config struct {
	LocalCluster              string `json:"localCluster"`
	ClusterID                 uint32 `json:"clusterId"`
	PolicyDefaultLocalCluster bool   `json:"policyDefaultLocalCluster"`
	// EnablePolicy is "default", "always" or "never".
	EnablePolicy string `json:"enablePolicy"`
	// AllowLocalhost is "always" or "policy".
	AllowLocalhost     string `json:"allowLocalhost"`
	EnableIPv6         bool   `json:"enableIPv6"`
	EnableHostFirewall bool   `json:"enableHostFirewall"`
}

// Identity is a number and the labels it stands for, as SOURCE:KEY=VALUE. A
// label `cidr:PREFIX` (a dash for each colon of IPv6) stands for itself and all
// shorter prefixes.
type Identity struct {
	ID         uint32      `json:"id"`
	Labels     []string    `json:"labels"`
	NamedPorts []NamedPort `json:"namedPorts"`
}

// Endpoint is a pod on some node of the cluster.
type Endpoint struct {
	EndpointID uint16      `json:"endpointId"`
	Identity   uint32      `json:"identity"`
	NamedPorts []NamedPort `json:"namedPorts"`
}

// NamedPort is a container port. Those of an Endpoint serve ingress rules,
// those of an Identity egress rules.
type NamedPort struct {
	Name     string `json:"name"`
	Port     uint16 `json:"port"`
	Protocol string `json:"protocol"`
}

// Probes are ports to ask a verdict for, with every identity and direction.
type Probes struct {
	Ports []ProbePort `json:"ports"`
}

// ProbePort is a protocol ("TCP", "UDP", "SCTP", "ICMP", …) and a port, never 0.
type ProbePort struct {
	Proto string `json:"proto"`
	Port  uint16 `json:"port"`
}

// Result is one line of output.
type Result struct {
	Name string `json:"name"`
	// Engine is the version of the module that answered.
	Engine string `json:"engine"`
	// Error says why nothing else is here.
	Error     string           `json:"error,omitempty"`
	Policies  []PolicyResult   `json:"policies"`
	Endpoints []EndpointResult `json:"endpoints"`
}

// PolicyResult says whether the engine takes an object. One it refuses is left
// out, as the agent leaves it out. The text of an error may vary between runs.
type PolicyResult struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Valid     bool   `json:"valid"`
	Error     string `json:"error,omitempty"`
}

// EndpointResult is what the agent would write for an endpoint.
type EndpointResult struct {
	EndpointID uint16 `json:"endpointId"`
	Identity   uint32 `json:"identity"`
	// Error says why the whole policy of the endpoint failed.
	Error string `json:"error,omitempty"`
	// Entries are in ascending order of the key's bytes.
	Entries []Entry `json:"entries"`
	// HTTP is what the proxy gets to know; empty if nothing is redirected.
	HTTP []HTTPFilter `json:"http"`
	// Verdicts are here if the case has probes.
	Verdicts *Verdicts `json:"verdicts,omitempty"`
}

// Entry is an entry of the BPF policy map, key and value in hexadecimal.
type Entry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Verdicts give for each identity one letter per probed port, in their order:
// `a` allowed, `r` allowed by way of the proxy, `d` denied by an entry, `-` no
// entry, which drops too.
type Verdicts struct {
	Ingress map[uint32]string `json:"ingress"`
	Egress  map[uint32]string `json:"egress"`
}

// HTTPFilter is what the policy says about one port and some peers in a
// direction that has a redirect. A request through the proxy is dropped if a
// filter of its port and peer denies; else it passes if one of them has no
// rules, or a rule that matches.
type HTTPFilter struct {
	// Dir is "ingress" or "egress".
	Dir string `json:"dir"`
	// Port is 0 for every port; EndPort is 0 unless a range is meant.
	Port    uint16 `json:"port"`
	EndPort uint16 `json:"endPort,omitempty"`
	// Proto is "TCP" or "ANY".
	Proto string `json:"proto"`
	// Everyone means any peer, also one without an identity here.
	Everyone   bool     `json:"everyone,omitempty"`
	Identities []uint32 `json:"identities"`
	Deny       bool     `json:"deny,omitempty"`
	// Rules is absent where the port is allowed without a look at requests.
	Rules []HTTPRule `json:"rules,omitempty"`
}

// HTTPRule matches whole methods, paths and hosts by regular expressions; empty
// means any. HeaderCount tells how many header conditions it has besides.
type HTTPRule struct {
	Method      string `json:"method,omitempty"`
	Path        string `json:"path,omitempty"`
	Host        string `json:"host,omitempty"`
	HeaderCount int    `json:"headerCount,omitempty"`
}

const engineModule = "github.com/cilium/cilium"

// engineVersion is the version this program was built with, `v1.18.0` for one.
var engineVersion = func() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range build.Deps {
			if dependency.Path == engineModule {
				return dependency.Version
			}
		}
	}
	return "unknown"
}()
