// Command drydock-mirror is a read-only OCI registry for the containerd of its own host, so that
// `--image=nginx` works without internet.
//
// It serves the images of an OCI layout (/kind/mirror: index.json, blobs/sha256/…) under the names
// and tags of one file, mirror.yaml, which lies in the same folder; labs/src/image/mirror.yaml is
// its source and says what it means:
//
//	images:
//	  nginx:                                  # annotation org.opencontainers.image.ref.name in the layout's index.json
//	    repositories: [docker.io/library/nginx, …]   # registry and repository; containerd sends the registry as ?ns=
//	    tags: [latest, …]                     # and besides every version followed by every variant:
//	    versions: ["1.25", …]
//	    variants: ["", -alpine, …]
//
// What is not named there does not exist: 404 with the error that the distribution specification
// asks for, and so a true ErrImagePull.
package main

import (
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:5000", "address to serve on")
	folder := flag.String("layout", "/kind/mirror", "OCI layout")
	names := flag.String("names", "", "names and tags (default mirror.yaml in the layout)")
	flag.Parse()
	if *names == "" {
		*names = *folder + "/mirror.yaml"
	}
	log.SetFlags(0)
	debug.SetGCPercent(25) // it mostly sleeps, next to a cluster that needs the memory
	catalogue, err := load(*names, os.DirFS(*folder))
	if err != nil {
		log.Fatalf("drydock-mirror: %v", err)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatalf("drydock-mirror: %v", err)
	}
	debug.FreeOSMemory()
	server := &http.Server{Handler: &registry{catalogue: catalogue, folder: *folder}, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	log.Fatal(server.Serve(listener))
}
