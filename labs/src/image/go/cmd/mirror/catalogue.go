package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"sigs.k8s.io/yaml"
)

// image is an entry of mirror.yaml.
type image struct {
	Repositories []string `json:"repositories"`
	Tags         []string `json:"tags"`
	Versions     []string `json:"versions"`
	Variants     []string `json:"variants"`

	manifest string // digest
}

// allTags lists every tag that the image has, sorted.
func (i *image) allTags() []string {
	tags := slices.Clone(i.Tags)
	for _, version := range i.Versions {
		for _, variant := range i.Variants {
			tags = append(tags, version+variant)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// catalogue maps registry/repository to its image.
type catalogue map[string]*image

// load reads the names and finds each image's manifest in the layout. Two images may not share a
// repository.
func load(namesPath string, layout fs.FS) (catalogue, error) {
	text, err := os.ReadFile(namesPath)
	if err != nil {
		return nil, err
	}
	var names struct {
		Images map[string]*image `json:"images"`
	}
	if err := yaml.UnmarshalStrict(text, &names); err != nil {
		return nil, fmt.Errorf("%s: %w", namesPath, err)
	}
	text, err = fs.ReadFile(layout, "index.json")
	if err != nil {
		return nil, err
	}
	var index struct {
		Manifests []struct {
			Digest      string            `json:"digest"`
			Annotations map[string]string `json:"annotations"`
		} `json:"manifests"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	result := catalogue{}
	for key, image := range names.Images {
		for _, m := range index.Manifests {
			if m.Annotations["org.opencontainers.image.ref.name"] == key {
				image.manifest = m.Digest
			}
		}
		if image.manifest == "" {
			return nil, fmt.Errorf("the layout has no image %q", key)
		}
		for _, repository := range image.Repositories {
			if result[repository] != nil {
				return nil, fmt.Errorf("%s is named by two images", repository)
			}
			result[repository] = image
		}
	}
	return result, nil
}
