#!/bin/bash
# Checks that Airflow starts, that its providers load, and that it reads a DAG.
# usage: check-airflow.sh FOLDER
set -euo pipefail
folder=$1
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export PATH=$folder/bin:$PATH AIRFLOW_HOME=$home PYTHONDONTWRITEBYTECODE=1
# The key is only there so that Airflow makes none.
export AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__FERNET_KEY=unused
if ! airflow version > "$home/log" 2>&1 \
  || ! python /build/check-airflow.py /build/canary-dag.py > "$home/log" 2>&1; then
  cat "$home/log" >&2
  exit 1
fi
