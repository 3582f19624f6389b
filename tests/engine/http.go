package main

import (
	"cmp"
	"slices"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/u8proto"
)

// httpFilters collects what the agent would tell the proxy about an endpoint:
// nothing if no direction has a redirect, else every filter that may hold for a
// TCP connection of that direction.
func httpFilters(distilled *policy.EndpointPolicy, pod *pod) []HTTPFilter {
	redirected := map[bool]bool{}
	for filter := range distilled.RedirectFilters() {
		redirected[filter.Ingress] = true
	}
	filters := []HTTPFilter{}
	collect := func(filter *policy.L4Filter) bool {
		if redirected[filter.Ingress] && mayBeTCP(filter) {
			filters = append(filters, filtersOf(filter, distilled, pod)...)
		}
		return true
	}
	distilled.L4Policy.Ingress.PortRules.ForEach(collect)
	distilled.L4Policy.Egress.PortRules.ForEach(collect)
	slices.SortFunc(filters, compareFilters)
	return filters
}

func mayBeTCP(filter *policy.L4Filter) bool {
	return filter.U8Proto == u8proto.TCP || filter.U8Proto == u8proto.ANY
}

func filtersOf(filter *policy.L4Filter, distilled *policy.EndpointPolicy, pod *pod) []HTTPFilter {
	port := pod.portOf(filter)
	if port == 0 && filter.PortName != "" {
		return nil
	}
	var filters []HTTPFilter
	for selector, perSelector := range filter.PerSelectorPolicies {
		one := HTTPFilter{
			Dir: "egress", Port: port, EndPort: filter.EndPort, Proto: string(filter.Protocol),
			Everyone: selector.IsWildcard(), Identities: []uint32{},
		}
		if filter.Ingress {
			one.Dir = "ingress"
		}
		if !one.Everyone {
			one.Identities = numbers(selector.GetSelections(distilled.VersionHandle))
		}
		if perSelector != nil {
			one.Deny = perSelector.IsDeny
			one.Rules = httpRules(perSelector.L7Rules.HTTP)
		}
		filters = append(filters, one)
	}
	return filters
}

func numbers(identities identity.NumericIdentitySlice) []uint32 {
	sorted := make([]uint32, 0, len(identities))
	for _, i := range identities {
		sorted = append(sorted, uint32(i))
	}
	slices.Sort(sorted)
	return sorted
}

func httpRules(rules []api.PortRuleHTTP) []HTTPRule {
	var texts []HTTPRule
	for _, rule := range rules {
		texts = append(texts, HTTPRule{
			Method: rule.Method, Path: rule.Path, Host: rule.Host,
			HeaderCount: len(rule.Headers) + len(rule.HeaderMatches),
		})
	}
	return texts
}

// compareFilters makes the order independent of the engine's maps.
func compareFilters(a, b HTTPFilter) int {
	return cmp.Or(
		-cmp.Compare(a.Dir, b.Dir), // ingress first
		cmp.Compare(a.Port, b.Port),
		cmp.Compare(a.EndPort, b.EndPort),
		cmp.Compare(a.Proto, b.Proto),
		slices.Compare(a.Identities, b.Identities),
		slices.CompareFunc(a.Rules, b.Rules, compareRules),
	)
}

func compareRules(a, b HTTPRule) int {
	return cmp.Or(cmp.Compare(a.Method, b.Method), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Host, b.Host))
}
