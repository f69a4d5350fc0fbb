#!/bin/sh
# kind runs this in place of the container engine: it lies first in kind's PATH under the engine's
# name. kind can neither label its containers and volumes nor limit them; here both are added, and
# everything else is handed on as it is.
#   DRYDOCK_SHIM_ENGINE  path of the real engine
#   DRYDOCK_SHIM_DIR     holds volume.args and <container>.args: options to add, one per line; what kind itself asked for is kept beside
#                        them, in <container>.run, for whoever starts such a node without kind
#                        delegate.args, where it is there: how the engine gives a container its cgroups, but for the process id at the end
#   DRYDOCK_SHIM_MAKER   the process that makes the sandbox: once it is dead, kind can make nothing more (and takes back what it made)
set -eu

require_maker() {
  kill -0 "$DRYDOCK_SHIM_MAKER" 2>/dev/null || {
    echo "the process that was making this sandbox is gone" >&2
    exit 1
  }
}

# create_volume CONTAINER [OPTION…]: makes the container's labelled /var and prints its name
create_volume() {
  volume="$1-var"
  shift
  while IFS= read -r option; do
    set -- "$@" "$option"
  done <"$DRYDOCK_SHIM_DIR/volume.args"
  "$DRYDOCK_SHIM_ENGINE" volume create "$@" "$volume"
}

case "${1:-} ${2:-}" in
"volume create")
  # podman's provider: volume create --label <container>=true
  require_maker
  create_volume "${4%=true}" "$3" "$4"
  ;;
"run --name")
  require_maker
  container=$3
  printf '%s\n' "$@" >"$DRYDOCK_SHIM_DIR/$container.run"
  remaining=$#
  while [ "$remaining" -gt 0 ]; do
    argument=$1
    shift
    remaining=$((remaining - 1))
    if [ "$argument" = /var ]; then
      # docker's provider: --volume /var, which would be an anonymous volume
      argument="$(create_volume "$container"):/var"
    fi
    if [ "$remaining" -eq 0 ]; then
      # The image is last. What is added comes before it and after kind's own options, so that it
      # wins.
      while IFS= read -r option; do
        set -- "$@" "$option"
      done <"$DRYDOCK_SHIM_DIR/$container.args"
    fi
    set -- "$@" "$argument"
  done
  [ -e "$DRYDOCK_SHIM_DIR/delegate.args" ] || exec "$DRYDOCK_SHIM_ENGINE" "$@"
  "$DRYDOCK_SHIM_ENGINE" "$@"
  set --
  while IFS= read -r option; do
    set -- "$@" "$option"
  done <"$DRYDOCK_SHIM_DIR/delegate.args"
  exec "$DRYDOCK_SHIM_ENGINE" "$@" "$("$DRYDOCK_SHIM_ENGINE" container inspect --format '{{.State.Pid}}' "$container")"
  ;;
"exec "*)
  require_maker
  case "$*" in
  *" cp /dev/stdin "*)
    # kind's way to write a file. In a user namespace a pipe of the machine's root cannot be opened
    # by its name; one from inside can.
    remaining=$#
    while [ "$remaining" -gt 0 ]; do
      argument=$1
      shift
      remaining=$((remaining - 1))
      if [ "$argument" = cp ]; then set -- "$@" sh -c 'cat | cp "$@"' sh; else set -- "$@" "$argument"; fi
    done
    ;;
  esac
  exec "$DRYDOCK_SHIM_ENGINE" "$@"
  ;;
*)
  exec "$DRYDOCK_SHIM_ENGINE" "$@"
  ;;
esac
