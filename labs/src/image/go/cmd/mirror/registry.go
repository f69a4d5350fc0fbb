package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// registry answers the pull side of the distribution specification
// (https://github.com/opencontainers/distribution-spec).
type registry struct {
	catalogue catalogue
	folder    string
}

var (
	route  = regexp.MustCompile(`^/v2/(.+)/(manifests|blobs|tags)/([^/]+)$`)
	digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "UNSUPPORTED", "this mirror is read-only")
		return
	}
	if req.URL.Path == "/v2/" || req.URL.Path == "/v2" {
		writeJSON(w, http.StatusOK, struct{}{})
		return
	}
	parts := route.FindStringSubmatch(req.URL.Path)
	if parts == nil {
		fail(w, http.StatusNotFound, "UNSUPPORTED", "no such endpoint")
		return
	}
	name := cmp.Or(req.URL.Query().Get("ns"), "docker.io") + "/" + parts[1]
	image := r.catalogue[name]
	if image == nil {
		fail(w, http.StatusNotFound, "NAME_UNKNOWN", "this mirror has no "+name)
		return
	}
	switch kind, reference := parts[2], parts[3]; {
	case kind == "tags" && reference == "list":
		writeJSON(w, http.StatusOK, map[string]any{"name": parts[1], "tags": image.allTags()})
	case kind == "manifests" && !strings.Contains(reference, ":"):
		if _, known := slices.BinarySearch(image.allTags(), reference); !known {
			fail(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "this mirror has no "+name+":"+reference)
			return
		}
		r.serveManifest(w, req, image.manifest)
	case kind == "manifests" && digest.MatchString(reference):
		r.serveManifest(w, req, reference)
	case kind == "blobs" && digest.MatchString(reference):
		r.serveBlob(w, req, reference)
	default:
		fail(w, http.StatusNotFound, "DIGEST_INVALID", "not a digest: "+reference)
	}
}

func (r *registry) path(digest string) string {
	return r.folder + "/blobs/" + strings.ReplaceAll(digest, ":", "/")
}

// serveManifest serves a manifest or index as the media type that it says of itself.
func (r *registry) serveManifest(w http.ResponseWriter, req *http.Request, digest string) {
	const largest = 4 << 20 // more is a layer, asked for as a manifest
	info, err := os.Stat(r.path(digest))
	if err != nil || info.Size() > largest {
		fail(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "no manifest "+digest)
		return
	}
	text, err := os.ReadFile(r.path(digest))
	var manifest struct {
		MediaType string          `json:"mediaType"`
		Manifests json.RawMessage `json:"manifests"`
	}
	if err != nil || json.Unmarshal(text, &manifest) != nil {
		fail(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "no manifest "+digest)
		return
	}
	mediaType := "application/vnd.oci.image.manifest.v1+json"
	if manifest.Manifests != nil {
		mediaType = "application/vnd.oci.image.index.v1+json"
	}
	w.Header().Set("Content-Type", cmp.Or(manifest.MediaType, mediaType))
	setDigest(w, digest)
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(text))
}

func (r *registry) serveBlob(w http.ResponseWriter, req *http.Request, digest string) {
	file, err := os.Open(r.path(digest))
	if err != nil {
		fail(w, http.StatusNotFound, "BLOB_UNKNOWN", "no blob "+digest)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	setDigest(w, digest)
	http.ServeContent(w, req, "", time.Time{}, file)
}

func setDigest(w http.ResponseWriter, digest string) {
	w.Header().Set("Docker-Content-Digest", digest)
	w.Header().Set("ETag", `"`+digest+`"`)
}

// fail answers with the error body of the distribution specification.
func fail(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
