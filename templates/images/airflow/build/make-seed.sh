#!/bin/bash
# Writes a SQLite database with Airflow's tables, packed into one file.
# usage: make-seed.sh FILE
set -euo pipefail
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
# The key is only there so that Airflow makes none: nothing in the database is encrypted.
if ! AIRFLOW_HOME=$home AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__FERNET_KEY=unused \
  airflow db migrate > "$home/log" 2>&1; then
  cat "$home/log" >&2
  exit 1
fi
python - "$home/airflow.db" << 'PYTHON'
import sqlite3
import sys

with sqlite3.connect(sys.argv[1]) as database:
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.commit()
    database.execute("VACUUM")
PYTHON
cp "$home/airflow.db" "$1"
chmod 644 "$1"
