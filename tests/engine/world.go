package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"

	cmtypes "github.com/cilium/cilium/pkg/clustermesh/types"
	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/k8s"
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slimnetworkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	"github.com/cilium/cilium/pkg/types"
)

// quiet takes what the agent would log. Results carry what matters.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// world is a policy repository that has been told a case.
type world struct {
	probes     *Probes
	identities identity.IdentityMap
	manager    identitymanager.IDManager
	repository *policy.Repository
	// peerPorts resolves port names of egress rules.
	peerPorts types.NamedPortMultiMap
	policies  []PolicyResult
}

func newWorld(c *Case) (*world, error) {
	configure(c.Config)
	w := &world{
		probes:     c.Probes,
		identities: identity.IdentityMap{},
		manager:    identitymanager.NewIDManager(quiet),
		policies:   []PolicyResult{},
	}
	if err := w.learnIdentities(c.Identities); err != nil {
		return nil, err
	}
	w.repository = policy.NewPolicyRepository(quiet, nil, inlineCertificates{},
		envoypolicy.NewEnvoyL7RulesTranslator(quiet, certificatemanager.NewMockSecretManagerInline()),
		w.manager, testpolicy.NewPolicyMetricsNoop())
	connectSelectorCache(w.repository)
	learned := &sync.WaitGroup{}
	w.repository.GetSelectorCache().UpdateIdentities(w.identities, nil, learned)
	learned.Wait()

	objects, err := objectsOf(c)
	if err != nil {
		return nil, err
	}
	cluster := cmtypes.LocalClusterNameForPolicies(
		cmtypes.PolicyConfig{PolicyDefaultLocalCluster: c.Config.PolicyDefaultLocalCluster}, c.Config.LocalCluster)
	for _, o := range objects {
		w.policies = append(w.policies, w.add(o, cluster))
	}
	return w, nil
}

// configure sets what the engine keeps per process. Cases run one after the
// other, so each finds its own settings.
func configure(c Config) {
	option.Config.EnableIPv4 = true
	option.Config.EnableIPv6 = c.EnableIPv6
	option.Config.EnableHostFirewall = c.EnableHostFirewall
	option.Config.ClusterName = c.LocalCluster
	option.Config.ClusterID = c.ClusterID
	option.Config.AllowLocalhost = c.AllowLocalhost
	policy.SetPolicyEnabled(c.EnablePolicy)
	api.InitEntities(c.LocalCluster)
}

func (w *world) learnIdentities(identities []Identity) error {
	var ports []types.NamedPortMap
	for _, i := range identities {
		parsed, err := parseLabels(i.Labels)
		if err != nil {
			return fmt.Errorf("identity %d: %w", i.ID, err)
		}
		w.identities[identity.NumericIdentity(i.ID)] = parsed
		named, err := namedPorts(i.NamedPorts)
		if err != nil {
			return fmt.Errorf("identity %d: %w", i.ID, err)
		}
		ports = append(ports, named)
	}
	for number, reserved := range identity.ListReservedIdentities() {
		if _, known := w.identities[number]; !known {
			w.identities[number] = reserved
		}
	}
	w.peerPorts = mergedPorts(ports)
	return nil
}

func parseLabels(texts []string) (labels.LabelArray, error) {
	var parsed labels.LabelArray
	for _, text := range texts {
		cidr, isCIDR := strings.CutPrefix(text, labels.LabelSourceCIDR+":")
		if !isCIDR {
			parsed = append(parsed, labels.ParseLabel(text))
			continue
		}
		prefix, err := netip.ParsePrefix(strings.ReplaceAll(cidr, "-", ":"))
		if err != nil {
			return nil, err
		}
		for _, label := range labels.GetCIDRLabels(prefix) {
			if label.Source == labels.LabelSourceCIDR {
				parsed = append(parsed, label)
			}
		}
	}
	return parsed.Sort(), nil
}

func namedPorts(ports []NamedPort) (types.NamedPortMap, error) {
	named := types.NamedPortMap{}
	for _, p := range ports {
		if err := named.AddPort(p.Name, int(p.Port), p.Protocol); err != nil {
			return nil, fmt.Errorf("port %q: %w", p.Name, err)
		}
	}
	return named, nil
}

// add gives an object to the repository; one of the same kind, namespace and
// name replaces an earlier one, as in an API server.
func (w *world) add(o object, cluster string) PolicyResult {
	added := PolicyResult{Kind: o.Kind, Namespace: o.Metadata.Namespace, Name: o.Metadata.Name}
	rules, resource, err := parsePolicy(o, cluster)
	if err != nil {
		added.Error = err.Error()
		return added
	}
	w.repository.ReplaceByResource(rules, resource)
	added.Valid = true
	return added
}

func parsePolicy(o object, cluster string) (api.Rules, ipcachetypes.ResourceID, error) {
	switch o.Kind {
	case "CiliumNetworkPolicy":
		return parseCiliumPolicy(o, cluster, ipcachetypes.ResourceKindCNP)
	case "CiliumClusterwideNetworkPolicy":
		return parseCiliumPolicy(o, cluster, ipcachetypes.ResourceKindCCNP)
	case "NetworkPolicy":
		var parsed slimnetworkingv1.NetworkPolicy
		if err := json.Unmarshal(o.raw, &parsed); err != nil {
			return nil, "", err
		}
		rules, err := k8s.ParseNetworkPolicy(quiet, cluster, &parsed)
		return rules, ipcachetypes.NewResourceID(ipcachetypes.ResourceKindNetpol, parsed.Namespace, parsed.Name), err
	default:
		return nil, "", fmt.Errorf("no policy of kind %q is known to %s", o.Kind, engineVersion)
	}
}

// parseCiliumPolicy relies on an empty namespace to say that the policy is
// clusterwide, as the engine itself does.
func parseCiliumPolicy(o object, cluster string, kind ipcachetypes.ResourceKind) (api.Rules, ipcachetypes.ResourceID, error) {
	var parsed ciliumv2.CiliumNetworkPolicy
	if err := json.Unmarshal(o.raw, &parsed); err != nil {
		return nil, "", err
	}
	switch {
	case kind == ipcachetypes.ResourceKindCCNP:
		parsed.Namespace = ""
	case parsed.Namespace == "":
		parsed.Namespace = "default"
	}
	rules, err := parsed.Parse(quiet, cluster)
	return rules, ipcachetypes.NewResourceID(kind, parsed.Namespace, parsed.Name), err
}

// inlineCertificates answers for every TLS secret: whether one exists changes
// no entry.
type inlineCertificates struct{}

func (inlineCertificates) GetTLSContext(context.Context, *api.TLSContext, string) (ca, public, private string, inlineSecrets bool, err error) {
	return "ca", "public", "private", true, nil
}
