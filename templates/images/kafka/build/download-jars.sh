#!/bin/sh
# Downloads the runtime jars of a pom into a folder. Maven does not read the proxy variables of the
# shell, so they are handed over as Java properties.
# usage: download-jars.sh POM FOLDER
set -eu

# proxy_options http|https URL
proxy_options() {
  address=${2#*://}
  address=${address##*@}
  address=${address%%/*}
  echo "-D$1.proxyHost=${address%%:*}"
  case $address in
    *:*) echo "-D$1.proxyPort=${address##*:}" ;;
  esac
}

options=
http=${HTTP_PROXY:-${http_proxy:-}}
https=${HTTPS_PROXY:-${https_proxy:-}}
exempt=${NO_PROXY:-${no_proxy:-}}
[ -z "$http" ] || options="$options $(proxy_options http "$http")"
[ -z "$https" ] || options="$options $(proxy_options https "$https")"
if [ -n "$exempt" ]; then
  # "a,.b" is "a|*.b" to Java.
  options="$options -Dhttp.nonProxyHosts=$(echo "$exempt" | sed -e 's/ //g' -e 's/,\./,*./g' -e 's/^\./*./' -e 's/,/|/g')"
fi

# -C: a jar that does not match the repository's own checksum is an error. Maven waits half an hour for
# a server that has stopped to answer: 30 s are enough, and what has come is kept for the next try.
# https://maven.apache.org/wagon/wagon-providers/wagon-http/
# shellcheck disable=SC2086
download() {
  mvn $options -Dmaven.wagon.rto=30000 --batch-mode --no-transfer-progress -C --quiet --file "$1" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$2"
}

for _ in 1 2; do
  ! download "$1" "$2" || exit 0
  echo "download-jars: trying again" >&2
done
download "$1" "$2"
