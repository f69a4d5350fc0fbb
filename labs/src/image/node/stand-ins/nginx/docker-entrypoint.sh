#!/bin/sh
# A host without IPv6 cannot listen on [::]; everything in /docker-entrypoint.d is run first, as
# users may mount there.
[ -e /proc/net/if_inet6 ] || sed -i '/\[::\]:80/d' /etc/nginx/conf.d/default.conf 2>/dev/null
for script in /docker-entrypoint.d/*.sh; do [ ! -x "$script" ] || "$script"; done
exec "$@"
