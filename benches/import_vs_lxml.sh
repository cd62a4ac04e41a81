#!/usr/bin/env bash
# Import of one description of 100 KB against lxml doing the same extraction, and against the bare XML reader: builds, runs
# both sides in turn, prints medians and ratios. Needs python3 with venv; lxml comes from PyPI into target/.
set -euo pipefail
cd "$(dirname "$0")/.."

target="$(cargo metadata --format-version 1 --no-deps --locked | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')"
venv="$target/bench-venv"
requirement='lxml==6.0.2'
if [ ! -x "$venv/bin/python3" ] || ! "$venv/bin/python3" -c 'import lxml' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check "$requirement" >&2
fi
cargo build -q --release --locked --example import_rate
file="$target/import-100k.pcd.xml"
"$target/release/examples/import_rate" --write "$file"
exec "$venv/bin/python3" benches/import_peer.py "$file" --against "$target/release/examples/import_rate" "$@"
