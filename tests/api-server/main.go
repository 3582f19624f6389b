// Command api-server runs real Kubernetes API servers, a hub and its members,
// for tests to apply manifests to.
//
//	api-server DIR NAME...
//
// One process holds an etcd and one kube-apiserver per NAME, each with its own
// storage, certificate and port on the loopback interface. When all are ready,
// one line of JSON on standard output says how to reach them (Fleet); logs go to
// standard error. The servers live as long as standard input is open, so they
// end with the test that started them, however that ends. Everything they write
// is in DIR, which must not exist before and is deleted at the end.
//
// There is no controller-manager: objects are validated, stored and served, but
// nothing acts on them. No namespace goes away, no default ServiceAccount comes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Fleet is what a client has to know.
type Fleet struct {
	// Token is a bearer token of a member of `system:masters`, on every server.
	Token   string          `json:"token"`
	Servers []RunningServer `json:"servers"`
}

// RunningServer is one API server.
type RunningServer struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	// CA is the certificate that the server's own can be checked with, as PEM.
	CA string `json:"ca"`
}

// startTimeout is ten times what four servers need on two slow cores.
const startTimeout = 2 * time.Minute

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: api-server DIR NAME...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "api-server:", err)
		os.Exit(1)
	}
}

func run(dir string, names []string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return errors.Join(serve(dir, names), os.RemoveAll(dir))
}

// serve runs the servers until standard input or one of them ends.
func serve(dir string, names []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	keys, err := writeKeys(dir)
	if err != nil {
		return err
	}
	storage, err := startEtcd(ctx, dir)
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	ended := make(chan error)
	fleet := Fleet{Token: keys.token}
	for _, name := range names {
		server, err := startServer(filepath.Join(dir, name), name, storage, keys, ended)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fleet.Servers = append(fleet.Servers, server)
	}
	for n := range fleet.Servers {
		if err := waitReady(ctx, &fleet.Servers[n], filepath.Join(dir, names[n]), ended); err != nil {
			return fmt.Errorf("%s: %w", names[n], err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(fleet); err != nil {
		return err
	}
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		ended <- err
	}()
	return <-ended
}
