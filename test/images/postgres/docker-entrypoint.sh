#!/bin/bash
# The interface of the official image: https://hub.docker.com/_/postgres, "How to extend this image".
set -euo pipefail

fail() { printf '%s\n' "$@" >&2; exit 1; }

# VARIABLE or VARIABLE_FILE, never both.
fromFile() {
  local name=$1 default=${2:-} file="${1}_FILE"
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then fail "error: both $name and $file are set (but are exclusive)"; fi
  local value=${!name:-$default}
  if [ -n "${!file:-}" ]; then value=$(<"${!file}"); fi
  export "$name=$value"
  unset "$file"
}

withoutPassword() {
  fail 'Error: Database is uninitialized and superuser password is not specified.' \
    '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.'
}

initialise() {
  fromFile POSTGRES_PASSWORD
  fromFile POSTGRES_USER postgres
  fromFile POSTGRES_DB "$POSTGRES_USER"
  fromFile POSTGRES_INITDB_ARGS
  local method=${POSTGRES_HOST_AUTH_METHOD:-}
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$method" != trust ]; then withoutPassword; fi
  # shellcheck disable=SC2086 # several arguments in one variable
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") $POSTGRES_INITDB_ARGS
  method=${method:-$(postgres -C password_encryption)}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  pg_ctl -w start -o "-c listen_addresses='' -p 5432"
  local psql=(env PGHOST= PGPASSWORD="$POSTGRES_PASSWORD" psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER")
  if [ "$POSTGRES_DB" != postgres ]; then
    "${psql[@]}" --dbname=postgres --set=name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) "${psql[@]}" --dbname="$POSTGRES_DB" --file="$file" ;;
      *.sql.gz) gunzip -c "$file" | "${psql[@]}" --dbname="$POSTGRES_DB" ;;
    esac
  done
  pg_ctl -m fast -w stop
  echo 'PostgreSQL init process complete; ready for start up.'
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi
for argument in "$@"; do
  case $argument in -'?' | --help | --describe-config | -V | --version) exec "$@" ;; esac
done
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" && chown -R postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
mkdir -p "$PGDATA"
chmod 0700 "$PGDATA" || true
if [ ! -s "$PGDATA/PG_VERSION" ]; then initialise; fi
unset POSTGRES_PASSWORD
exec "$@"
