package main

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/maps/policymap"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// endpoint computes the policy map of a pod and what goes with it.
func (w *world) endpoint(e Endpoint) EndpointResult {
	result := EndpointResult{EndpointID: e.EndpointID, Identity: e.Identity, Entries: []Entry{}, HTTP: []HTTPFilter{}}
	pod, err := newPod(w, e)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	number := identity.NumericIdentity(e.Identity)
	known, isKnown := w.identities[number]
	if !isKnown {
		result.Error = fmt.Sprintf("identity %d is not among the case's identities", number)
		return result
	}
	subject := identity.NewIdentityFromLabelArray(number, known)
	w.manager.Add(subject)
	selected, err := selectorPolicy(w.repository, subject, pod.id)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	distilled := selected.DistillPolicy(quiet, pod, redirects(selected, pod))
	defer distilled.Detach(quiet)
	result.Entries = entries(distilled)
	result.HTTP = httpFilters(distilled, pod)
	if w.probes != nil {
		if result.Verdicts, err = w.verdicts(distilled); err != nil {
			result.Error = err.Error()
		}
	}
	if err := distilled.Ready(); err != nil && result.Error == "" {
		result.Error = err.Error()
	}
	return result
}

// entries encodes the map as the agent writes it. Two keys of the engine may
// be one key of the kernel; then both are here.
func entries(distilled *policy.EndpointPolicy) []Entry {
	encoded := []Entry{}
	for engineKey, engineEntry := range distilled.Entries() {
		key := policymap.NewKeyFromPolicyKey(engineKey)
		value := policymap.NewEntryFromPolicyEntry(key, engineEntry)
		encoded = append(encoded, Entry{Key: hexOf(&key), Value: hexOf(&value)})
	}
	slices.SortFunc(encoded, func(a, b Entry) int {
		if order := strings.Compare(a.Key, b.Key); order != 0 {
			return order
		}
		return strings.Compare(a.Value, b.Value)
	})
	return encoded
}

// hexOf shows a value as it lies in memory, which is how the agent hands keys
// and values to the kernel.
func hexOf[T policymap.PolicyKey | policymap.PolicyEntry](value *T) string {
	return hex.EncodeToString(unsafe.Slice((*byte)(unsafe.Pointer(value)), unsafe.Sizeof(*value)))
}

// Proxy ports, which an agent allocates at random, are fixed here so that
// results can be compared.
const (
	proxyPortHTTPIngress  = 14001
	proxyPortHTTPEgress   = 14002
	proxyPortDNS          = 14003
	proxyPortOtherIngress = 14004
	proxyPortOtherEgress  = 14005
	// proxyPortListener is that of the first CRD listener, in order of names.
	proxyPortListener = 14100
)

// redirects gives every redirect of a policy its proxy port.
func redirects(selected policy.SelectorPolicy, pod *pod) map[string]uint16 {
	var listeners []string
	for _, filter := range selected.RedirectFilters() {
		if name := filter.Policy.GetListener(); name != "" && !slices.Contains(listeners, name) {
			listeners = append(listeners, name)
		}
	}
	slices.Sort(listeners)
	ports := map[string]uint16{}
	for filter, selector := range selected.RedirectFilters() {
		port := pod.portOf(filter)
		if port == 0 && filter.PortName != "" {
			continue
		}
		listener := selector.Policy.GetListener()
		id := policy.ProxyID(uint16(pod.id), filter.Ingress, string(filter.Protocol), port, listener)
		if _, taken := ports[id]; !taken {
			ports[id] = proxyPort(string(selector.Policy.L7Parser), filter.Ingress, slices.Index(listeners, listener))
		}
	}
	return ports
}

func proxyPort(parser string, ingress bool, listener int) uint16 {
	switch {
	case listener >= 0:
		return uint16(proxyPortListener + listener)
	case parser == "http" && ingress:
		return proxyPortHTTPIngress
	case parser == "http":
		return proxyPortHTTPEgress
	case parser == "dns":
		return proxyPortDNS
	case ingress:
		return proxyPortOtherIngress
	default:
		return proxyPortOtherEgress
	}
}

// pod is the endpoint that a policy is made for, as the engine wants to see it.
type pod struct {
	id        uint64
	isHost    bool
	ports     types.NamedPortMap
	peerPorts types.NamedPortMultiMap
}

func newPod(w *world, e Endpoint) (*pod, error) {
	ports, err := namedPorts(e.NamedPorts)
	return &pod{
		id:        uint64(e.EndpointID),
		isHost:    identity.NumericIdentity(e.Identity) == identity.ReservedIdentityHost,
		ports:     ports,
		peerPorts: w.peerPorts,
	}, err
}

// portOf is the number of a filter's port; 0 means every port, or a name that
// nobody has.
func (p *pod) portOf(filter *policy.L4Filter) uint16 {
	if filter.Port == 0 && filter.PortName != "" {
		return p.GetNamedPort(filter.Ingress, filter.PortName, filter.U8Proto)
	}
	return filter.Port
}

func (p *pod) GetID() uint64              { return p.id }
func (p *pod) IsHost() bool               { return p.isHost }
func (p *pod) MapStateSize() int          { return 0 }
func (p *pod) PolicyDebug(string, ...any) {}

func (p *pod) GetNamedPort(ingress bool, name string, proto u8proto.U8proto) uint16 {
	var port uint16
	if ingress {
		port, _ = p.ports.GetNamedPort(name, proto)
	} else {
		port, _ = p.peerPorts.GetNamedPort(name, proto)
	}
	return port
}

// RegenerateIfAlive says that nothing was regenerated: policies here don't
// change once made.
func (p *pod) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}
