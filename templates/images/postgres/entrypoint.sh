#!/bin/bash
# The contract of the official postgres image: on an empty PGDATA a cluster is made for
# POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB, and the files of /docker-entrypoint-initdb.d are
# run in it, by name; meanwhile nobody is listened to but a unix socket. Arguments that begin with a
# dash are the server's. Root is only kept to take over the volume.
#
# A first start that fails leaves nothing behind: the next one begins anew.
set -euo pipefail

: "${PGDATA:=/var/lib/postgresql/data}"
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
init_folder=/docker-entrypoint-initdb.d
# A cluster as initdb makes it, with the superuser postgres: to copy it takes a tenth of the time.
pristine=/usr/share/postgresql/15/pristine
# Becomes the cluster once it is complete: its files are moved up, PG_VERSION last.
unfinished=$PGDATA/unfinished-first-start

if [ "${1:--}" = - ] || [ "${1#-}" != "$1" ]; then
  set -- postgres "$@"
fi
if [ "$1" != postgres ]; then
  exec "$@"
fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres:postgres {} +
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

# run_sql DATABASE [OPTION...]: runs statements, of standard input unless an option says otherwise.
run_sql() {
  psql --no-psqlrc --no-password --quiet -v ON_ERROR_STOP=1 --username "$user" --dbname "$@"
}

# name_owner: gives the superuser its name and password. Nobody can rename himself, so another one
# that only lives meanwhile does it.
name_owner() {
  PGUSER=postgres psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --dbname postgres \
    -v user="$user" -v password="$POSTGRES_PASSWORD" << 'SQL'
ALTER ROLE postgres PASSWORD :'password';
SELECT :'user' <> 'postgres' AS renamed \gset
\if :renamed
CREATE ROLE pristine SUPERUSER LOGIN;
\connect - pristine
ALTER ROLE postgres RENAME TO :"user";
\connect - :user
DROP ROLE pristine;
\endif
SQL
}

# run_init_files: runs the files of the folder in the order of their names.
run_init_files() {
  local file
  for file in "$init_folder"/*; do
    case $file in
      *.sql) echo "running $file"; run_sql "$database" --file "$file" ;;
      *.sql.gz) echo "running $file"; gunzip --stdout "$file" | run_sql "$database" ;;
      *.sh)
        echo "running $file"
        # shellcheck disable=SC1090
        if [ -x "$file" ]; then "$file"; else . "$file"; fi
        ;;
      "$init_folder/*") ;;
      *) echo "passing over $file" ;;
    esac
  done
}

# end_first_start: stops the server that only a socket reaches, and drops what is not finished.
end_first_start() {
  if [ -f "$PGDATA/postmaster.pid" ]; then
    pg_ctl --mode=fast --silent --wait stop || true
  fi
  rm -rf "$unfinished"
}

# first_start ARGUMENT...: with the server's arguments
first_start() {
  find "$PGDATA" -mindepth 1 -maxdepth 1 \! -name lost+found -exec rm -rf {} +
  export PGDATA=$unfinished
  trap end_first_start EXIT
  trap 'exit 143' INT TERM
  cp --archive "$pristine" "$PGDATA"
  local options
  options=$(printf ' %q' "${@:2}" -c 'listen_addresses=')
  pg_ctl --silent --wait --options "$options" start
  name_owner
  if [ "$database" != postgres ]; then
    run_sql postgres -v name="$database" <<< 'CREATE DATABASE :"name";'
  fi
  export PGUSER=$user PGDATABASE=$database PGPASSWORD=$POSTGRES_PASSWORD
  run_init_files
  pg_ctl --mode=fast --silent --wait stop
  trap - EXIT INT TERM
  unset PGPASSWORD PGUSER PGDATABASE
}

# keep_cluster: the cluster that is complete becomes that of the volume.
keep_cluster() {
  find "$unfinished" -mindepth 1 -maxdepth 1 \! -name PG_VERSION -exec mv -t "$1" {} +
  mv "$unfinished/PG_VERSION" "$1/PG_VERSION"
  rmdir "$unfinished"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "$(find "$PGDATA" -mindepth 1 -maxdepth 1 \! -name lost+found \! -path "$unfinished")" ] \
    && [ ! -d "$unfinished" ]; then
    echo "$PGDATA holds files that are not PostgreSQL's" >&2
    exit 1
  fi
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo "POSTGRES_PASSWORD must not be empty" >&2
    exit 1
  fi
  home=$PGDATA
  first_start "$@"
  keep_cluster "$home"
  export PGDATA=$home
fi
exec "$@"
