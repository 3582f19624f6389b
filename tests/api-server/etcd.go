package main

import (
	"context"
	"net/url"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/embed"
)

// startEtcd starts a member of one, on sockets in dir, and returns its client
// URL. It gives up durability, which nobody wants here, and elects itself within
// 200 ms.
func startEtcd(ctx context.Context, dir string) (string, error) {
	client := socket(dir, "client")
	config := embed.NewConfig()
	config.Dir = filepath.Join(dir, "etcd")
	config.ListenClientUrls = []url.URL{client}
	config.ListenPeerUrls = []url.URL{socket(dir, "peer")}
	// What is advertised must look like a network address, though nobody asks.
	nowhere := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config.AdvertiseClientUrls, config.AdvertisePeerUrls = nowhere, nowhere
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.TickMs, config.ElectionMs = 20, 200
	config.LogLevel = "error"
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return "", err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return client.String(), nil
	case err := <-etcd.Err():
		return "", err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func socket(dir, name string) url.URL {
	return url.URL{Scheme: "unix", Path: filepath.Join(dir, name+".sock")}
}
