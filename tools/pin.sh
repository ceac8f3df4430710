#!/bin/sh
# Writes constraints/ROLE.txt: exact versions with their hashes, for every platform and Python >= 3.12.
#
# All roles are resolved together first, so that a host with several roles has one version of each.
# `--upgrade` takes newer versions; without it, the versions in force are kept.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
all=$(mktemp)
trap 'rm -f "$all"' EXIT

compile() { # compile OUTPUT ARGUMENT...
    output=$1
    shift
    "$uv" pip compile pyproject.toml --quiet --universal --python-version 3.12 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
        --output-file "$output" "$@" >/dev/null
    # What pyproject.toml overrides away, and what only that needed, is resolved all the same, for a
    # platform that does not exist.
    awk '/^[a-z]/ { keep = !/sys_platform == .never./ } keep' "$output" >"$output.kept"
    mv "$output.kept" "$output"
}

if [ "${1:-}" = --upgrade ]; then
    compile "$all" --all-extras --upgrade
else
    cat constraints/control.txt constraints/media.txt constraints/detect.txt \
        constraints/demo.txt constraints/dev.txt 2>/dev/null |
        sed -n 's/^\([a-z0-9._-]*==[^ ;]*\).*/\1/p' | sort -u >"$all.before" || true
    compile "$all" --all-extras --constraint "$all.before"
    rm -f "$all.before"
fi
for role in control media detect demo dev; do
    rm -f "constraints/$role.txt"
    compile "constraints/$role.txt" --extra "$role" --constraint "$all"
    echo "constraints/$role.txt: $(grep -c == "constraints/$role.txt") packages"
done
