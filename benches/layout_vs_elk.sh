#!/usr/bin/env bash
# Automatic layout and routing of 1,000 blocks against ELK's layered algorithm (elkjs): builds, runs both sides in turn, prints
# times, qualities of the drawings and ratios. Needs node and npm; elkjs comes from the npm registry into target/.
set -euo pipefail
cd "$(dirname "$0")/.."

target="$(cargo metadata --format-version 1 --no-deps --locked | node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).target_directory)')"
peer="$target/bench-elk"
mkdir -p "$peer"
if [ ! -d "$peer/node_modules/elkjs" ]; then
  npm install --silent --no-fund --no-audit --prefix "$peer" elkjs@0.12.1 >&2
fi
cargo build -q --release --locked --no-default-features --example layout_rate
exec node benches/layout_peer.mjs "$peer/node_modules/elkjs" "$target/release/examples/layout_rate" "$peer" "$@"
