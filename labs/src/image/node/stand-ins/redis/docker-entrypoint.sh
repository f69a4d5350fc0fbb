#!/bin/sh
# Options or a configuration file alone mean redis-server. Without a configuration of one's own,
# connections from other pods are accepted, as in the image that this stands in for.
case "$1" in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ] && [ $# -eq 1 ]; then set -- redis-server --protected-mode no; fi
exec "$@"
