#!/bin/sh
# Makes sure that the end-to-end tests have a browser, and certutil to give it our authority.
#
# Root on Debian gets them installed; anyone else is told what to install.
set -eu

is_there() {
    command -v certutil >/dev/null || return 1
    for browser in chromium chromium-browser google-chrome; do
        if command -v "$browser" >/dev/null; then
            return 0
        fi
    done
    return 1
}

if is_there; then
    exit 0
fi
system=$(. /etc/os-release 2>/dev/null && echo "$ID" || true)
if [ "$(id -u)" = 0 ] && [ "$system" = debian ]; then
    echo "Installing Chromium for the end-to-end tests."
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if apt-get update -qq >"$log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
            chromium fonts-dejavu-core libnss3-tools >>"$log" 2>&1 </dev/null; then
        exit 0
    fi
    tail -n 5 "$log" >&2
fi
echo "ilotier: the tests need Chromium and certutil. On Debian, as root: apt-get install chromium libnss3-tools; on Ubuntu: snap install chromium && sudo apt-get install libnss3-tools" >&2
exit 1
