#!/bin/sh
# Adds the packages of /build/requirements/{airflow,python}.txt to their environments, checks both,
# and collects what changed in /delta. The folders of /delta are there even when nothing changed.
# usage: add-packages.sh
set -eu
umask 022
uv=/tmp/uv/bin/uv
export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt UV_NO_CONFIG=1 UV_NO_WRAP=1 UV_NO_PROGRESS=1
export UV_CONCURRENT_DOWNLOADS=16 UV_HTTP_RETRIES=5 UV_LINK_MODE=copy UV_CACHE_DIR=/tmp/uv-cache NO_COLOR=1
mkdir -p /delta/airflow /delta/python /delta/packages
remove=/delta/packages/remove-replaced.sh
echo '# Removes the files of the base that the packages of pipeline.yaml replaced.' > $remove

packages_of() { $uv pip freeze --quiet --python "$1/bin/python"; }
paths_of() { (cd "$1" && find . | sort); }

# usage: add NAME FOLDER FIXED: FIXED has the requirements that must hold beside those of the user.
add() {
  name=$1 folder=$2 fixed=$3
  work=/build/work/$name
  mkdir -p "$work"
  echo "{\"dp\": {\"environment\": \"$name\"}}"
  packages_of "$folder" > "$work/before"
  $uv pip check --quiet --python "$folder/bin/python" > "$work/problems" 2>&1 || true
  # The versions that are there are preferences, not constraints: a package may move one of them.
  lock=/delta/packages/$name.lock
  cp "$work/before" "$lock"
  $uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --generate-hashes \
    --python "$folder/bin/python" "$fixed" "/build/requirements/$name.txt" -o "$lock" > /dev/null
  paths_of "$folder" > "$work/paths"
  touch "$work/started"
  $uv pip install --quiet --no-deps --require-hashes --compile-bytecode \
    --python "$folder/bin/python" -r "$lock"
  check "$name" "$folder" "$work"
  packages_of "$folder" > "$work/after"
  python3 /build/report-moved.py "$work/before" "$work/after"
  (cd "$folder" && find . \( -type f -o -type l \) -cnewer "$work/started" -print0 \
    | tar -c --null -T - | tar -x -C "/delta/$name")
  # An empty folder NAME.dist-info would still be a package for Python.
  paths_of "$folder" | comm -23 "$work/paths" - \
    | sed "s|'|'\\\\''|g; s|^\./\(.*\)|rm -rf '$folder/\1'|" >> $remove
}

# What worked before must work after it.
check() {
  name=$1 folder=$2 work=$3
  if ! $uv pip check --quiet --python "$folder/bin/python" > "$work/problems-now" 2>&1 \
    && ! cmp -s "$work/problems" "$work/problems-now"; then
    cat "$work/problems-now" >&2
    exit 1
  fi
  case $name in
    airflow) "/build/check-airflow.sh" "$folder" ;;
    python)
      cd /build/runtime
      "$folder/bin/python" -B /build/check-runtime.py
      cd - > /dev/null
      ;;
  esac
}

if [ -s /build/requirements/airflow.txt ]; then
  if [ ! -x /home/airflow/.local/bin/airflow ] || [ ! -x /home/airflow/.local/bin/python ]; then
    echo "this image does not have Airflow in /home/airflow/.local" >&2
    exit 1
  fi
  mkdir -p /build/work
  packages_of /home/airflow/.local | grep '^apache-airflow' > /build/work/airflow.in
  add airflow /home/airflow/.local /build/work/airflow.in
fi
if [ -s /build/requirements/python.txt ]; then
  add python /opt/dp/venv /build/requirements.in
fi
chmod -R g=u /delta/airflow
# The image of steps has no Airflow, and copying makes its folder.
[ -d /home/airflow ] || echo 'rmdir /home/airflow/.local /home/airflow' >> $remove
