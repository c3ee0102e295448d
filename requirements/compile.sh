#!/bin/sh
# Resolves the dependency groups of pyproject.toml to hash-pinned files. They name no index, so any mirror will do.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --no-emit-package sms-observability pyproject.toml "$@"
}
compile --extra all --group dev --output-file requirements/dev.txt
compile --extra all --group demo --output-file requirements/demo.txt
