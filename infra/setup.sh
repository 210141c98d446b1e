#!/bin/sh
# Installs what Cota needs and does not find: its node modules, and a Redis server. Run by `npm run demo`, `npm test`
# and `cota`. Says nothing and takes a few milliseconds when all is there; goes to the network only for what is missing.
set -eu
cd -- "$(dirname -- "$0")/.."

fail() {
  echo "cota: $1" >&2
  exit 1
}

# npm writes the hidden lock file last, so that an install that was interrupted has none. A lock file that is newer may
# still be the same (a branch was changed and changed back): then the copy that was made after the install is equal.
modules_are_there() {
  [ -f node_modules/.package-lock.json ] && [ -x node_modules/.bin/node ] || return 1
  [ package-lock.json -nt node_modules/.package-lock.json ] || return 0
  cmp -s package-lock.json node_modules/.cota-lock
}

install_modules() {
  command -v npm >/dev/null 2>&1 || fail 'npm is missing: install Node.js 20 or newer (https://nodejs.org), then run this again'
  echo 'cota: installing node modules (once, about 1.2 GB)' >&2
  # The CUDA libraries of onnxruntime-node come from elsewhere and need a GPU: docs/runbook.md says how to get them. Warnings
  # about the system's own Node are moot: the package `node` brings the version that everything here runs on.
  # Not `npm ci`: it refuses a lock file without the optional packages of every other platform, and not every registry
  # has those. This installs the same locked versions.
  ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save --loglevel=error --no-audit --no-fund --no-progress >&2 ||
    fail 'npm install failed: its messages are above; check the connection to the npm registry, then run this again'
  cp package-lock.json node_modules/.cota-lock
}

# Two commands at once on a fresh clone: npm does not see that another npm writes into the same folder. A link is made
# whole or not at all, with the id of whoever installs in it.
turn=.cota/installing
take_turn() {
  mkdir -p .cota
  told=
  until ln -s "$$" "$turn" 2>/dev/null; do
    other=$(readlink "$turn" || true)
    if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null; then
      rm -f "$turn"
      continue
    fi
    [ -n "$told" ] || echo 'cota: another command is installing node modules; waiting for it' >&2
    told=yes
    sleep 1
  done
  trap 'rm -f "$turn"' EXIT
  trap 'exit 1' HUP INT TERM
}

has_redis() {
  command -v redis-server >/dev/null 2>&1 || command -v valkey-server >/dev/null 2>&1
}

# A package of a server starts its service; Debian asks policy-rc.d first. One that is there already is left alone.
apt_install_redis() {
  policy=/usr/sbin/policy-rc.d
  made=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made=yes
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
  fi
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  get='apt-get install -y -qq --no-install-recommends redis-server'
  # A fresh image has no package lists.
  $get >"$1" 2>&1 || { apt-get update -qq >>"$1" 2>&1 && $get >>"$1" 2>&1; } || return 1
  if [ -n "$made" ]; then
    rm -f "$policy"
    trap - EXIT HUP INT TERM
  fi
}

install_redis() {
  advice='install redis-server or valkey-server (Debian, Ubuntu: sudo apt-get install redis-server; Fedora: sudo dnf install valkey; macOS: brew install redis), or set COTA_REDIS_URL to a Redis that runs'
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then fail "Redis is missing: $advice"; fi
  echo 'cota: installing redis-server with apt-get (once; its service is not started)' >&2
  mkdir -p .cota/logs
  if ! apt_install_redis .cota/logs/apt.log || ! has_redis; then
    fail "apt-get could not install redis-server (see .cota/logs/apt.log): $advice"
  fi
}

if ! modules_are_there; then
  take_turn
  modules_are_there || install_modules
  rm -f "$turn"
  trap - EXIT HUP INT TERM
fi
[ -n "${COTA_REDIS_URL:-}" ] || has_redis || install_redis
