#!/bin/bash
# Run once by the database image, when it makes its cluster: the role the program logs in as, with its password.
# Migrations find it there and give it its few rights; it may not own, create or bypass anything.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password PREDIG_APP_PASSWORD
CREATE ROLE predig_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password';
SQL
