package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

// verdicts looks every probe up as the kernel would.
func (w *world) verdicts(distilled *policy.EndpointPolicy) (*Verdicts, error) {
	probes := make([]probe, 0, len(w.probes.Ports))
	for _, port := range w.probes.Ports {
		proto, err := u8proto.ParseProtocol(port.Proto)
		if err != nil {
			return nil, fmt.Errorf("probe: %w", err)
		}
		if proto == u8proto.ANY || port.Port == 0 {
			return nil, fmt.Errorf("probe %s/%d: a packet has a protocol and a port", port.Proto, port.Port)
		}
		probes = append(probes, probe{proto, port.Port})
	}
	all := &Verdicts{Ingress: map[uint32]string{}, Egress: map[uint32]string{}}
	for _, peer := range slices.Sorted(maps.Keys(w.identities)) {
		if peer == identity.IdentityUnknown {
			continue
		}
		all.Ingress[uint32(peer)] = letters(distilled, policy.IngressKey().WithIdentity(peer), probes)
		all.Egress[uint32(peer)] = letters(distilled, policy.EgressKey().WithIdentity(peer), probes)
	}
	return all, nil
}

type probe struct {
	proto u8proto.U8proto
	port  uint16
}

func letters(distilled *policy.EndpointPolicy, peer policy.Key, probes []probe) string {
	text := make([]byte, len(probes))
	for n, p := range probes {
		entry, _, found := distilled.Lookup(peer.WithPortProto(p.proto, p.port))
		switch {
		case !found:
			text[n] = '-'
		case entry.IsDeny():
			text[n] = 'd'
		case entry.IsRedirectEntry():
			text[n] = 'r'
		default:
			text[n] = 'a'
		}
	}
	return string(text)
}
