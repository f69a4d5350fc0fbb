package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

const namesText = `
images:
  nginx:
    repositories: [docker.io/library/nginx, public.ecr.aws/docker/library/nginx]
    tags: [latest]
    versions: ["1", "1.10"]
    variants: ["", -alpine]
`

// writeLayout makes a layout of one image whose only blob is text, and returns its folder, its
// manifest's digest and the blob's.
func writeLayout(t *testing.T, names string) (folder, manifest, blob string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.MkdirAll(folder+"/blobs/sha256", 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(path, text string) {
		if err := os.WriteFile(folder+"/"+path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put := func(text string) string {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
		write("blobs/sha256/"+sum, text)
		return "sha256:" + sum
	}
	blob = put("0123456789")
	manifest = put(`{"schemaVersion":2,"layers":[{"digest":"` + blob + `"}]}`)
	write("index.json", `{"manifests":[{"digest":"`+manifest+`","annotations":{"org.opencontainers.image.ref.name":"nginx"}}]}`)
	write("mirror.yaml", names)
	return folder, manifest, blob
}

func TestRegistryServesWhatIsNamedAndNothingElse(t *testing.T) {
	folder, manifest, blob := writeLayout(t, namesText)
	catalogue, err := load(folder+"/mirror.yaml", os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&registry{catalogue, folder})
	defer server.Close()
	unknown := "sha256:" + strings.Repeat("0", 64)
	cases := []struct {
		method, path, rangeHeader string
		status                    int
		body, contentType         string
	}{
		{"GET", "/v2/", "", 200, "{}", "application/json"},
		{"GET", "/v2/library/nginx/manifests/latest?ns=docker.io", "", 200, blob, "application/vnd.oci.image.manifest.v1+json"},
		{"HEAD", "/v2/library/nginx/manifests/1.10-alpine?ns=docker.io", "", 200, "", "application/vnd.oci.image.manifest.v1+json"},
		{"GET", "/v2/docker/library/nginx/manifests/1?ns=public.ecr.aws", "", 200, blob, ""},
		{"GET", "/v2/library/nginx/manifests/" + manifest, "", 200, blob, ""},
		{"GET", "/v2/library/nginx/manifests/1.1?ns=docker.io", "", 404, "MANIFEST_UNKNOWN", "application/json"},
		{"GET", "/v2/library/nginx/manifests/" + unknown, "", 404, "MANIFEST_UNKNOWN", ""},
		{"GET", "/v2/library/nginx/manifests/latest?ns=quay.io", "", 404, "NAME_UNKNOWN", ""},
		{"GET", "/v2/library/ngin/manifests/latest", "", 404, "NAME_UNKNOWN", ""},
		{"GET", "/v2/library/nginx/blobs/" + blob, "", 200, "0123456789", "application/octet-stream"},
		{"GET", "/v2/library/nginx/blobs/" + blob, "bytes=4-6", 206, "456", ""},
		{"HEAD", "/v2/library/nginx/blobs/" + blob, "", 200, "", ""},
		{"GET", "/v2/library/nginx/blobs/" + unknown, "", 404, "BLOB_UNKNOWN", ""},
		{"GET", "/v2/library/nginx/blobs/sha256:..%2f..%2findex.json", "", 404, "errors", ""},
		{"GET", "/v2/library/nginx/tags/list", "", 200, `["1","1-alpine","1.10","1.10-alpine","latest"]`, ""},
		{"PUT", "/v2/library/nginx/manifests/latest", "", 405, "UNSUPPORTED", ""},
		{"GET", "/etc/passwd", "", 404, "errors", ""},
	}
	for _, c := range cases {
		request, _ := http.NewRequest(c.method, server.URL+c.path, nil)
		if c.rangeHeader != "" {
			request.Header.Set("Range", c.rangeHeader)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != c.status || !strings.Contains(string(body), c.body) || !strings.HasPrefix(response.Header.Get("Content-Type"), c.contentType) {
			t.Errorf("%s %s: %d %s %q", c.method, c.path, response.StatusCode, response.Header.Get("Content-Type"), body)
		}
		if c.status == 200 && strings.Contains(c.path, "manifests") && response.Header.Get("Docker-Content-Digest") != manifest {
			t.Errorf("%s: digest %q", c.path, response.Header.Get("Docker-Content-Digest"))
		}
	}
}

func TestLoadRefusesNamesThatDoNotFitTheLayout(t *testing.T) {
	cases := map[string]string{
		"no image":      "images: {httpd: {repositories: [docker.io/library/httpd], tags: [latest]}}",
		"by two images": "images: {nginx: {repositories: [docker.io/library/nginx, docker.io/library/nginx], tags: [latest]}}",
		"unknown field": "images: {nginx: {repository: [docker.io/library/nginx]}}",
	}
	for want, names := range cases {
		folder, _, _ := writeLayout(t, names)
		if _, err := load(folder+"/mirror.yaml", os.DirFS(folder)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
