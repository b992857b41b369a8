#!/bin/sh
# Adds the certificates of a PEM bundle to the system's trust store and to Java's.
# update-ca-certificates wants one certificate in a file. An empty bundle adds nothing.
# usage: trust-host-ca.sh BUNDLE
set -eu
awk -v folder=/usr/local/share/ca-certificates '
  /-----BEGIN CERTIFICATE-----/ { file = folder "/host-" ++count ".crt" }
  file { print > file }
  /-----END CERTIFICATE-----/ { close(file); file = "" }
' "$1"
update-ca-certificates 2>&1 | tail -n 3
