package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// object is a Kubernetes object before its kind is known.
type object struct {
	Kind     string
	Metadata struct{ Namespace, Name string }
	raw      json.RawMessage
}

func objectsOf(c *Case) ([]object, error) {
	var objects []object
	for n, raw := range c.Policies {
		o, err := newObject(raw)
		if err != nil {
			return nil, fmt.Errorf("policy %d: %w", n, err)
		}
		objects = append(objects, o)
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(c.Manifests)))
	for n := 0; ; n++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		raw, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		if string(raw) == "null" {
			continue
		}
		o, err := newObject(raw)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		objects = append(objects, o)
	}
}

func newObject(raw json.RawMessage) (object, error) {
	o := object{raw: raw}
	err := json.Unmarshal(raw, &o)
	return o, err
}
