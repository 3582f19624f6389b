package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// keys are what all servers of a fleet share.
type keys struct {
	token string
	// tokenFile and serviceAccountKeyFile are in the forms kube-apiserver reads.
	tokenFile             string
	serviceAccountKeyFile string
}

func writeKeys(dir string) (keys, error) {
	written := keys{
		token:                 rand.Text(),
		tokenFile:             filepath.Join(dir, "tokens.csv"),
		serviceAccountKeyFile: filepath.Join(dir, "service-accounts.key"),
	}
	tokens := fmt.Sprintf("%s,admin,admin,%q\n", written.token, "system:masters")
	if err := os.WriteFile(written.tokenFile, []byte(tokens), 0o600); err != nil {
		return keys{}, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return keys{}, err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return written, os.WriteFile(written.serviceAccountKeyFile, pem.EncodeToMemory(block), 0o600)
}
