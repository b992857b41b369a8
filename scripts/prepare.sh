#!/bin/sh
# Makes sure that dp can run from this checkout: Node, npm packages, the build, a Docker engine.
# What is there already is left as it is.
set -eu
cd "$(dirname "$0")/.."

node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) process.exit(0);
  console.error(`Node ${process.versions.node} is too old: install 20.19 or newer`);
  process.exit(1);
'

if [ ! -e node_modules/.package-lock.json ] ||
  [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "prepare: npm ci"
  npm ci --no-audit --no-fund --loglevel=error
fi

if [ ! -e dist/main.js ] ||
  [ -n "$(find src package.json scripts/build.js -newer dist/main.js | head -n 1)" ]; then
  echo "prepare: npm run build"
  rm -rf dist
  npm run --silent build
fi

sh scripts/engine.sh
