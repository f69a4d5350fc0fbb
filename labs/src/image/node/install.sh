#!/bin/bash
# Turns a base (an official kindest/node, or a plain Debian) into the node image. Runs as root in
# the build container, with everything it needs under /drydock; NODE_BASE says which base it is. The
# last line marks success.
set -euo pipefail
cd /drydock
set -a
. ./versions.env
set +a
step() { echo "step: $1"; "./steps/$1.sh"; }

if [ "$NODE_BASE" = source ]; then step node-contract; fi
step tools
step images
step image-store
rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /tmp/* /root/.cache
echo "step: done"
