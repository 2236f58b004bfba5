#!/usr/bin/env bash
# scripts/link-into-ns3, on folders that look like ns-3 source trees.
set -euo pipefail

ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
TREE="$TMP/a tree"
FAILURES=0

link() {
    LAST="link-into-ns3 $*"
    STATUS=0
    "$ROOT/scripts/link-into-ns3" "$@" >"$TMP/out" 2>"$TMP/err" || STATUS=$?
}

complain() {
    FAILURES=$((FAILURES + 1))
    printf 'FAILED: %s\n  %s\n' "$LAST" "$*"
    sed 's/^/  | /' "$TMP/out" "$TMP/err"
}

expect_done() {
    [[ $STATUS -eq 0 && ! -s $TMP/err ]] || complain "status $STATUS"
    grep -qF -- "$1" "$TMP/out" || complain "lacks: $1"
}

# One line, and status 2.
expect_refusal() {
    [[ $STATUS -eq 2 ]] || complain "status $STATUS instead of 2"
    [[ ! -s $TMP/out && $(wc -l <"$TMP/err") -eq 1 ]] || complain "not one line"
    grep -qF -- "$1" "$TMP/err" || complain "lacks: $1"
}

expect_linked() {
    [[ $(readlink -f "$TREE/contrib/portend") == "$ROOT/contrib/portend" &&
        $(readlink -f "$TREE/scratch/portend") == "$ROOT/scenarios" ]] || complain "no links"
}

expect_unlinked() {
    [[ ! -e $TREE/contrib/portend && ! -L $TREE/contrib/portend && ! -L $TREE/scratch/portend ]] ||
        complain "links"
}

make_tree() {
    rm -rf "$TREE"
    mkdir -p "$TREE/src/core" "$TREE/scratch" "$TREE/contrib"
    echo "$1" >"$TREE/VERSION"
}

test_versions() {
    local version
    for version in 3.36 3.36.1 3.37 3.46.1 3.48; do
        make_tree "$version"
        link "$TREE"
        expect_done "./ns3 run portend-3tier"
        expect_linked
    done
    for version in 3.35 3.49 3.5 3.100 4.40 2.36 3 nonsense; do
        make_tree "$version"
        link "$TREE"
        expect_refusal "is ns-3 $version; supported are 3.36 to 3.48"
        expect_unlinked
    done
    make_tree 3-dev
    link "$TREE"
    expect_done "Note: 3-dev is a development version"
    expect_linked
}

test_again_and_remove() {
    make_tree 3.40
    mkdir -p "$TREE/build/include/ns3"
    link "$TREE"
    touch "$TREE"/build/include/ns3/{portend-tier.h,node.h}
    link "$TREE"
    expect_done "is linked already"
    expect_linked
    [[ -e $TREE/build/include/ns3/portend-tier.h ]] || complain "a built tree was disturbed"
    link --remove "$TREE"
    expect_done "removed"
    expect_unlinked
    [[ ! -e $TREE/build/include/ns3/portend-tier.h && -e $TREE/build/include/ns3/node.h ]] ||
        complain "wrong stubs"
    link "$TREE" --remove
    [[ $STATUS -eq 0 ]] || complain "removing twice"
    [[ -f $ROOT/contrib/portend/CMakeLists.txt ]] || complain "the sources are gone"
}

test_foreign_things() {
    make_tree 3.40
    mkdir "$TREE/scratch/portend"
    link "$TREE"
    expect_refusal "scratch/portend' exists and is not a link to"
    expect_no_contrib
    link "$TREE" --remove
    expect_refusal "scratch/portend' exists and is not a link to"
    make_tree 3.40
    ln -s /nowhere "$TREE/contrib/portend"
    link "$TREE"
    expect_refusal "contrib/portend' exists and is not a link to"
    [[ $(readlink "$TREE/contrib/portend") == /nowhere ]] || complain "overwritten"
}

expect_no_contrib() { [[ ! -L $TREE/contrib/portend ]] || complain "half linked"; }

test_usage() {
    link
    expect_refusal "which ns-3 source tree?"
    link "$TMP/none"
    expect_refusal "no folder '$TMP/none'"
    mkdir -p "$TMP/empty"
    link "$TMP/empty"
    expect_refusal "is no ns-3 source tree"
    link --force "$TREE"
    expect_refusal "unknown option '--force'"
    link --help
    expect_done "usage: "
}

test_versions
test_again_and_remove
test_foreign_things
test_usage
[[ $FAILURES -eq 0 ]] && echo "all as expected"
