#!/bin/bash
# Builds the stand-ins that the registry mirror serves, from Debian packages, as an OCI layout:
# /drydock/mirror.tar. Runs as root in a throw-away container of the base. Each behaves as learners
# know the image of its name: the same entry, port, folders and texts; what is inside is Debian's
# build of the program.
set -euo pipefail
cd /drydock
export OCI=/drydock/mirror OCI_COMPRESS=gzip FROM=/drydock/debs LIBRARIES
. steps/oci.sh
oci_begin

# Packages are unpacked, not installed: no service starts, and nothing else changes in here.
mkdir -p "$FROM" /var/cache/apt/archives/partial
rm -f /var/cache/apt/archives/*.deb
apt-get -qq update
apt-get -qq install --no-install-recommends --download-only --reinstall -y nginx apache2-bin redis-server redis-tools busybox netcat-openbsd curl media-types </dev/null
for package in /var/cache/apt/archives/*.deb; do dpkg-deb --extract "$package" "$FROM"; done
LIBRARIES=$(find "$FROM/usr/lib" "$FROM/lib" -name '*-linux-gnu' -type d 2>/dev/null | paste -sd:)
path='"PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"'

# finish_base ROOT: what every stand-in has beside its program; see busybox-wget for why sh is bash.
finish_base() {
  local applet
  FROM='' with_libraries "$1" /bin/bash
  with_libraries "$1" /bin/busybox /bin/nc.openbsd
  ln -s bash "$1/bin/sh"
  install -m 0755 stand-ins/busybox-wget "$1/bin/wget"
  install -m 0755 stand-ins/busybox-nc "$1/bin/nc"
  for applet in $("$FROM/bin/busybox" --list); do [ -e "$1/bin/$applet" ] || ln -s busybox "$1/bin/$applet"; done
  ln -s /bin/env "$1/usr/bin/env"
  cp stand-ins/etc/* "$1/etc/"
}

# The small base of all but busybox: bash, busybox for everything else, users and names.
base=$(mktemp -d)
mkdir -p "$base"/{bin,usr/bin,usr/sbin,usr/lib,usr/lib64,etc,run,root,var/log,proc,sys,dev}
mkdir -m 1777 "$base/tmp"
ln -s usr/lib "$base/lib"
ln -s usr/lib64 "$base/lib64"
ln -s ../run "$base/var/run"
finish_base "$base"
base_layer=$(oci_layer "$base")

# image ROOT: what ROOT holds as a layer on the base, without what the base has already.
layer_on_base() {
  (cd "$1" && find . -type f) | while read -r file; do [ ! -f "$base/$file" ] || rm "$1/$file"; done
  find "$1" -mindepth 1 -type d -empty -path '*-linux-gnu*' -delete
  oci_layer "$1"
}
new_root() { mkdir -p "$1"/{usr/lib,usr/lib64} && ln -s usr/lib "$1/lib" && ln -s usr/lib64 "$1/lib64"; }

busybox=$(mktemp -d)
mkdir -p "$busybox"/{etc,root,home,var,usr/bin,usr/sbin}
mkdir -m 1777 "$busybox/tmp"
finish_base "$busybox"
sed -i 's#/bin/bash#/bin/sh#' "$busybox/etc/passwd"
oci_image busybox '{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","PS1=\\w # "],"Cmd":["sh"]}' "$(oci_layer "$busybox")"

nginx=$(mktemp -d)
new_root "$nginx"
with_libraries "$nginx" /usr/sbin/nginx /usr/bin/curl
mkdir -p "$nginx"/{etc/nginx/conf.d,usr/share/nginx/html,var/log/nginx,var/cache/nginx,var/lib/nginx}
cp "$FROM/etc/nginx/"{mime.types,fastcgi_params,scgi_params,uwsgi_params} "$nginx/etc/nginx/"
cp stand-ins/nginx/nginx.conf "$nginx/etc/nginx/"
cp stand-ins/nginx/default.conf "$nginx/etc/nginx/conf.d/"
cp stand-ins/nginx/*.html "$nginx/usr/share/nginx/html/"
install -m 0755 stand-ins/nginx/docker-entrypoint.sh "$nginx/"
ln -s /dev/stdout "$nginx/var/log/nginx/access.log"
ln -s /dev/stderr "$nginx/var/log/nginx/error.log"
oci_image nginx "{\"Env\":[$path],\"Entrypoint\":[\"/docker-entrypoint.sh\"],\"Cmd\":[\"nginx\",\"-g\",\"daemon off;\"],\"ExposedPorts\":{\"80/tcp\":{}},\"StopSignal\":\"SIGQUIT\"}" \
  "$base_layer" "$(layer_on_base "$nginx")"

httpd=$(mktemp -d)
new_root "$httpd"
with_libraries "$httpd" /usr/sbin/apache2
mkdir -p "$httpd"/usr/local/{bin,apache2/{bin,conf,htdocs,logs,modules,cgi-bin}}
mv "$httpd/usr/sbin/apache2" "$httpd/usr/local/apache2/bin/httpd"
for module in mpm_event authn_core authz_core authz_host alias autoindex dir env headers mime setenvif status rewrite proxy proxy_http; do
  with_libraries "$httpd" "/usr/lib/apache2/modules/mod_$module.so"
  mv "$httpd/usr/lib/apache2/modules/mod_$module.so" "$httpd/usr/local/apache2/modules/"
done
cp "$FROM/etc/mime.types" "$httpd/usr/local/apache2/conf/"
cp stand-ins/httpd/httpd.conf "$httpd/usr/local/apache2/conf/"
cp stand-ins/httpd/index.html "$httpd/usr/local/apache2/htdocs/"
install -m 0755 stand-ins/httpd/httpd-foreground "$httpd/usr/local/bin/"
oci_image httpd "{\"Env\":[$path,\"HTTPD_PREFIX=/usr/local/apache2\"],\"Cmd\":[\"httpd-foreground\"],\"WorkingDir\":\"/usr/local/apache2\",\"ExposedPorts\":{\"80/tcp\":{}},\"StopSignal\":\"SIGWINCH\"}" \
  "$base_layer" "$(layer_on_base "$httpd")"

redis=$(mktemp -d)
new_root "$redis"
with_libraries "$redis" /usr/bin/redis-check-rdb /usr/bin/redis-cli /usr/bin/redis-benchmark
mkdir -p "$redis/usr/local/bin" "$redis/data"
ln -s redis-check-rdb "$redis/usr/bin/redis-server"
install -m 0755 stand-ins/redis/docker-entrypoint.sh "$redis/usr/local/bin/"
oci_image redis "{\"Env\":[$path],\"Entrypoint\":[\"docker-entrypoint.sh\"],\"Cmd\":[\"redis-server\"],\"WorkingDir\":\"/data\",\"ExposedPorts\":{\"6379/tcp\":{}}}" \
  "$base_layer" "$(layer_on_base "$redis")"

tar -C "$OCI" -cf /drydock/mirror.tar .
echo "step: done"
