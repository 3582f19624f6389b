package main

// The calls that differ between Cilium's releases, for 1.18. Another release
// gets its own go.mod in a folder here, chosen by `go build -modfile`, and its
// own copy of this file behind a build tag.

import (
	"fmt"

	"github.com/cilium/cilium/pkg/fqdn/re"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/spanstat"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	"github.com/cilium/cilium/pkg/types"
)

// regexCacheSize is the agent's default.
const regexCacheSize = 1024

// initEngine does once what the agent does at its start.
func initEngine() {
	if err := re.InitRegexCompileLRU(quiet, regexCacheSize); err != nil {
		panic(fmt.Sprintf("a fixed cache size was refused: %v", err))
	}
}

// connectSelectorCache gives the cache someone to tell about DNS names.
func connectSelectorCache(repository *policy.Repository) {
	repository.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
}

func mergedPorts(ports []types.NamedPortMap) types.NamedPortMultiMap {
	merged := types.NewNamedPortMultiMap()
	for _, p := range ports {
		merged.Update(nil, p)
	}
	return merged
}

func selectorPolicy(repository *policy.Repository, subject *identity.Identity, endpoint uint64) (policy.SelectorPolicy, error) {
	const anyRevision = 0
	selected, _, err := repository.GetSelectorPolicy(subject, anyRevision, &untimed{}, endpoint)
	return selected, err
}

// untimed measures for nobody.
type untimed struct{ waiting, computing spanstat.SpanStat }

func (u *untimed) WaitingForPolicyRepository() *spanstat.SpanStat { return &u.waiting }
func (u *untimed) SelectorPolicyCalculation() *spanstat.SpanStat  { return &u.computing }
