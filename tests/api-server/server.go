package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/server/flagz"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/rest"
	basecompatibility "k8s.io/component-base/compatibility"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// startServer starts an API server in this process. It may not be ready yet,
// nor may its certificate exist. Should it end, ended is told.
func startServer(dir, name, storage string, keys keys, ended chan<- error) (RunningServer, error) {
	// A server warns about each of its own loopback requests otherwise.
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	// The port is taken before the server exists, so nobody else can take it.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return RunningServer{}, err
	}
	options, err := serverOptions(dir, name, storage, keys, listener)
	if err != nil {
		return RunningServer{}, err
	}
	go func() {
		err := app.Run(context.Background(), options)
		ended <- fmt.Errorf("%s ended: %w", name, err)
	}()
	return RunningServer{Name: name, URL: "https://" + listener.Addr().String()}, nil
}

// serverOptions sets up a server that shares nothing with the others of this
// process: a registry and feature gates of its own stand for the global ones,
// which a second server would find taken.
func serverOptions(dir, name, storage string, keys keys, listener net.Listener) (options.CompletedOptions, error) {
	registry := basecompatibility.NewComponentGlobalsRegistry()
	gates := utilfeature.DefaultMutableFeatureGate.DeepCopy()
	err := registry.Register(basecompatibility.DefaultKubeComponent, compatibility.DefaultBuildEffectiveVersion(), gates)
	if err != nil {
		return options.CompletedOptions{}, err
	}
	o := options.NewServerRunOptions()
	o.GenericServerRunOptions.ComponentGlobalsRegistry = registry
	o.Flagz = flagz.NamedFlagSetsReader{FlagSets: o.Flags()}
	if err := registry.Set(); err != nil {
		return options.CompletedOptions{}, err
	}

	address := listener.Addr().(*net.TCPAddr)
	o.SecureServing.Listener = listener
	o.SecureServing.BindAddress, o.SecureServing.BindPort = address.IP, address.Port
	o.SecureServing.ServerCert.CertDirectory = dir
	o.GenericServerRunOptions.AdvertiseAddress = address.IP
	o.Etcd.StorageConfig.Transport.ServerList = []string{storage}
	o.Etcd.StorageConfig.Prefix = "/" + name
	o.Authentication.TokenFile.TokenFile = keys.tokenFile
	o.Authentication.ServiceAccounts.Issuers = []string{"https://kubernetes.default.svc"}
	o.Authentication.ServiceAccounts.KeyFiles = []string{keys.serviceAccountKeyFile}
	o.ServiceAccountSigningKeyFile = keys.serviceAccountKeyFile
	o.Authorization.Modes = []string{"RBAC"}
	o.ServiceClusterIPRanges = "10.96.0.0/16"
	// The loopback address is no endpoint: the reconciler would fail for ever.
	o.EndpointReconcilerType = "none"
	// It refuses Pods until a controller has made their ServiceAccount.
	o.Admission.GenericAdmission.DisablePlugins = []string{"ServiceAccount"}

	completed, err := o.Complete(context.Background())
	if err != nil {
		return completed, err
	}
	return completed, utilerrors.NewAggregate(completed.Validate())
}

// waitReady waits for a server to be ready and fills in its certificate.
func waitReady(ctx context.Context, server *RunningServer, dir string, ended <-chan error) error {
	certificate, err := os.ReadFile(filepath.Join(dir, "apiserver.crt"))
	if err != nil {
		return err
	}
	server.CA = string(certificate)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(certificate) {
		return errors.New("no certificate in apiserver.crt")
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
