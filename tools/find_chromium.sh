#!/bin/sh
# Makes sure that the end-to-end tests have a browser; root on Debian gets it installed.
set -eu

for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null; then
        exit 0
    fi
done
system=$(. /etc/os-release 2>/dev/null && echo "$ID" || true)
if [ "$(id -u)" = 0 ] && [ "$system" = debian ]; then
    echo "Installing Chromium for the end-to-end tests."
    log=$(mktemp)
    if apt-get update -qq >"$log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
            chromium fonts-dejavu-core >>"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
fi
echo "ilotier: the end-to-end tests need Chromium. On Debian, as root: apt-get install chromium; on Ubuntu: snap install chromium" >&2
exit 1
