// Reads manifests of Kubernetes with its own types, strictly: an unknown field, a wrong type or a kind that is not known here is an error.
// go run . FILE…
package main

import (
	"bytes"
	"fmt"
	"os"

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

func main() {
	failed := false
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
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
				failed = true
				fmt.Fprintf(os.Stderr, "%s, document %d: %v\n", path, n+1, err)
			} else {
				fmt.Printf("%s: %s\n", path, kind)
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}
