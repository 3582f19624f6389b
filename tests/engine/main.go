// Command engine asks Cilium's own policy engine what it makes of policies.
//
// fleetnet computes policy-map entries itself; this program is the second
// opinion. It runs pkg/policy of github.com/cilium/cilium as the agent does,
// from the parsed object to the bytes of the BPF map, but without an agent, a
// kernel or privileges.
//
// It reads one case per line on standard input and writes one result per line
// on standard output, both JSON (protocol.go), so that hundreds of small fleets
// cost one process. Nothing a case holds ends the program: a policy that the
// engine refuses is reported with the policy, a case that can't be run or makes
// the engine panic is reported as that case's error.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

// serve answers case after case until the input ends. A line has no length
// limit: a case of ten thousand identities is one line.
func serve(in io.Reader, out io.Writer) error {
	initEngine()
	lines := bufio.NewReader(in)
	answers := bufio.NewWriter(out)
	results := json.NewEncoder(answers)
	results.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := results.Encode(answer(line)); err != nil {
				return err
			}
			if err := answers.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// answer runs one case.
func answer(line []byte) (result Result) {
	var c Case
	defer func() {
		if cause := recover(); cause != nil {
			result = failed(c.Name, fmt.Errorf("the engine panicked: %v", cause))
		}
	}()
	if err := json.Unmarshal(line, &c); err != nil {
		return failed(c.Name, fmt.Errorf("not a case: %w", err))
	}
	world, err := newWorld(&c)
	if err != nil {
		return failed(c.Name, err)
	}
	result = Result{Name: c.Name, Engine: engineVersion, Policies: world.policies, Endpoints: []EndpointResult{}}
	for _, e := range c.Endpoints {
		result.Endpoints = append(result.Endpoints, world.endpoint(e))
	}
	return result
}

func failed(name string, err error) Result {
	return Result{
		Name: name, Engine: engineVersion, Error: err.Error(),
		Policies: []PolicyResult{}, Endpoints: []EndpointResult{},
	}
}
