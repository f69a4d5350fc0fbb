# shellcheck shell=bash
# Writing an OCI image layout with tar, gzip and jq. Sourced. The layout is the folder $OCI;
# $OCI_COMPRESS is gzip or none. Format: github.com/opencontainers/image-spec, image-layout.md.

oci_begin() {
  mkdir -p "$OCI/blobs/sha256"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$OCI/oci-layout"
  echo '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}' >"$OCI/index.json"
}

# oci_blob FILE [HEX]: moves a file to the blobs; prints its digest and size. HEX: its SHA-256,
# where that is known.
oci_blob() {
  local digest=${2:-}
  [ -n "$digest" ] || digest=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$OCI/blobs/sha256/$digest"
  echo "sha256:$digest $(stat -c %s "$OCI/blobs/sha256/$digest")"
}

# oci_layer FOLDER: adds the folder's content as one layer; prints the layer as a line of JSON, for
# oci_image.
oci_layer() {
  local file type=application/vnd.oci.image.layer.v1.tar diff digest size
  file=$(mktemp -p "$OCI")
  tar -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$file" .
  diff=$(sha256sum "$file" | cut -d' ' -f1)
  if [ "$OCI_COMPRESS" = gzip ]; then
    gzip -n -6 <"$file" >"$file.gz"
    mv "$file.gz" "$file"
    type=$type+gzip
    read -r digest size <<<"$(oci_blob "$file")"
  else
    read -r digest size <<<"$(oci_blob "$file" "$diff")"
  fi
  jq -cn --arg type "$type" --arg digest "$digest" --argjson size "$size" --arg diff "sha256:$diff" \
    '{descriptor: {mediaType: $type, digest: $digest, size: $size}, diff: $diff}'
}

# oci_image NAME CONFIG LAYER…: adds an image. CONFIG is the JSON of its `config` (Entrypoint, Env
# …).
oci_image() {
  local name=$1 config=$2 file digest size
  shift 2
  file=$(mktemp -p "$OCI")
  printf '%s\n' "$@" | jq -cs --argjson config "$config" --arg arch "$(dpkg --print-architecture)" \
    '{architecture: $arch, os: "linux", created: "2026-01-01T00:00:00Z", config: $config, rootfs: {type: "layers", diff_ids: map(.diff)}}' >"$file"
  read -r digest size <<<"$(oci_blob "$file")"
  printf '%s\n' "$@" | jq -cs --arg digest "$digest" --argjson size "$size" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $digest, size: $size}, layers: map(.descriptor)}' >"$file"
  read -r digest size <<<"$(oci_blob "$file")"
  jq -c --arg digest "$digest" --argjson size "$size" --arg name "$name" --arg arch "$(dpkg --print-architecture)" \
    '.manifests += [{mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $digest, size: $size,
      platform: {architecture: $arch, os: "linux"},
      annotations: {"org.opencontainers.image.ref.name": $name, "io.containerd.image.name": $name}}]' "$OCI/index.json" >"$file"
  mv "$file" "$OCI/index.json"
}

# with_libraries ROOT PROGRAM…: copies programs, to the same paths under ROOT, with the shared
# libraries that they need. $LIBRARIES may name further folders to look for libraries in, $FROM a
# folder that the programs are taken from.
with_libraries() {
  local root=$1 program library
  shift
  for program in "$@"; do
    install -D -m 0755 "${FROM:-}$program" "$root$program"
    LD_LIBRARY_PATH=${LIBRARIES:-} ldd "${FROM:-}$program" 2>/dev/null | grep -oE '(=> )?/[^ ]+' | sed 's/=> //' | while read -r library; do
      [ -e "$root/${library#"${FROM:-}"}" ] || install -D -m 0755 "$(readlink -f "$library")" "$root/${library#"${FROM:-}"}"
    done
  done
}
