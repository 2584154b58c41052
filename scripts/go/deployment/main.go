// Command deployment reads files of a deployment as those who run them do: manifests by Kubernetes' own types, strictly, so that an unknown field, a wrong type
// or a kind that is not known here is an error; a Dockerfile by BuildKit's parser, whose warnings are errors here.
// deployment FILE…
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func typed(kind string) any {
	switch kind {
	case "apps/v1 Deployment":
		return &appsv1.Deployment{}
	case "batch/v1 Job":
		return &batchv1.Job{}
	case "v1 PersistentVolumeClaim":
		return &corev1.PersistentVolumeClaim{}
	case "v1 Service":
		return &corev1.Service{}
	}
	return nil
}

// manifests prints what each document is, and returns what is wrong with them.
func manifests(path string, text []byte) (wrong []error) {
	for n, document := range bytes.Split(text, []byte("\n---\n")) {
		var meta metav1.TypeMeta
		err := yaml.Unmarshal(document, &meta)
		kind := meta.APIVersion + " " + meta.Kind
		if value := typed(kind); err == nil && value == nil {
			err = fmt.Errorf("%q is no kind that is known here", kind)
		} else if err == nil {
			err = yaml.UnmarshalStrict(document, value)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s, document %d: %w", path, n+1, err))
		} else {
			fmt.Printf("%s: %s\n", path, kind)
		}
	}
	return wrong
}

// dockerfile prints its stages, and returns what is wrong with it.
func dockerfile(path string, text []byte) (wrong []error) {
	result, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return []error{fmt.Errorf("%s: %w", path, err)}
	}
	for _, warning := range result.Warnings {
		wrong = append(wrong, fmt.Errorf("%s: %s", path, warning.Short))
	}
	lint := linter.New(&linter.Config{Warn: func(rule, description, url, message string, at []parser.Range) {
		wrong = append(wrong, fmt.Errorf("%s: %s: %s", path, rule, message))
	}})
	stages, _, err := instructions.Parse(result.AST, lint)
	if err != nil {
		return append(wrong, fmt.Errorf("%s: %w", path, err))
	}
	for _, stage := range stages {
		fmt.Printf("%s: FROM %s, %d instructions\n", path, stage.BaseName, len(stage.Commands))
	}
	return wrong
}

func main() {
	failed := false
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		check := manifests
		if filepath.Base(path) == "Dockerfile" {
			check = dockerfile
		}
		for _, err := range check(path, text) {
			failed = true
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if failed {
		os.Exit(1)
	}
}
