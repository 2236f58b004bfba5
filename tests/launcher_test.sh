#!/usr/bin/env bash
# The launcher ./ns3: verbs, messages, statuses, quoting. Nothing is built: where a build is the
# point, cmake and ninja are stand-ins. PORTEND_BUILD_DIR is a folder with a built portend-3tier.
set -euo pipefail

ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
NS3=$ROOT/ns3
BUILT=${PORTEND_BUILD_DIR:-$ROOT/build}
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
FAILURES=0
CHECKS=0

# ---- a run, and what is expected of it -----------------------------------------------------

# Runs the launcher; STATUS, and files out and err in $TMP.
ns3() {
    LAST="ns3 $*"
    STATUS=0
    "$NS3" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || STATUS=$?
}

complain() {
    FAILURES=$((FAILURES + 1))
    printf 'FAILED: %s\n  %s\n' "$LAST" "$*"
    sed 's/^/  | /' "$TMP/out" "$TMP/err"
}

expect_status() {
    CHECKS=$((CHECKS + 1))
    [[ $STATUS -eq $1 ]] || complain "status $STATUS instead of $1"
}

# expect out|err TEXT: the text occurs in it.
expect() {
    CHECKS=$((CHECKS + 1))
    grep -qF -- "$2" "$TMP/$1" || complain "$1 lacks: $2"
}

expect_no() {
    CHECKS=$((CHECKS + 1))
    ! grep -qF -- "$2" "$TMP/$1" || complain "$1 has: $2"
}

expect_lines() {
    CHECKS=$((CHECKS + 1))
    [[ $(wc -l <"$TMP/$1") -eq $2 ]] || complain "$1 has not $2 lines"
}

# Refused: status 2, and one line that holds the text.
expect_refusal() {
    expect_status 2
    expect err "$1"
    expect_lines err 1
    expect_lines out 0
}

# A stand-in for a command, first on the PATH.
stand_in() {
    mkdir -p "$TMP/bin"
    printf '#!/bin/sh\n%s\n' "$2" >"$TMP/bin/$1"
    chmod +x "$TMP/bin/$1"
}

# dpkg, on a machine that has all packages of the list but some.
stand_in_dpkg() {
    stand_in dpkg-query "shift 3; for p; do case ' $* ' in *\" \$p \"*) ;;
        *) echo \"\$p installed\" ;; esac; done"
}

# ---- verbs and words -----------------------------------------------------------------------

test_usage() {
    ns3 --help
    expect_status 0
    expect out "usage: ./ns3"
    ns3 build --help
    expect_status 0
    expect out "usage: ./ns3"
    ns3 run --help
    expect_status 0
    expect out "--command-template"
    ns3
    expect_status 2
    expect err "usage: ./ns3"
    ns3 dance
    expect_refusal "no verb 'dance'"
    ns3 -j many build
    expect_refusal "-j needs a number of jobs, not 'many'"
    ns3 build -j
    expect_refusal "-j needs a number of jobs"
    ns3 build --fast
    expect_refusal "unknown option '--fast'"
    ns3 test one two
    expect_refusal "test takes one expression"
}

test_show() {
    ns3 show targets
    expect_status 0
    expect out portend-3tier
    expect out portend-test-runner
    ns3 show version
    expect_status 0
    expect out "Portend"
    expect out "ns-3"
    PORTEND_BUILD_DIR=$BUILT ns3 show profile
    expect_status 0
    expect out "Build profile: "
    PORTEND_BUILD_DIR=$TMP/none ns3 show profile
    expect out "optimized (not configured yet)"
    ns3 show me
    expect_refusal "show what? targets, profile, version"
}

test_setup() {
    # All packages installed: quick, and nothing is done.
    stand_in_dpkg
    stand_in apt-get "case \"\$*\" in
        *--print-uris*) echo '0 upgraded, 3 newly installed, 0 to remove and 1 not upgraded.'
            echo 'Need to get 0 B/6405 kB of archives.'
            echo 'After this operation, 38.7 MB of additional disk space will be used.' ;;
        *) echo called >>$TMP/apt-get ;;
        esac"
    PATH=$TMP/bin:$PATH ns3 setup
    expect_status 0
    expect err "Nothing to set up"
    # Some are missing: those for the purpose are named, and how much they bring.
    stand_in_dpkg libboost-dev chromium python3-matplotlib
    PATH=$TMP/bin:$PATH ns3 setup --dry-run
    expect_status 0
    expect err "Missing packages: libboost-dev"
    expect err "3 packages with what they need: 0 B/6405 kB to download, 38.7 MB on disk"
    expect err "apt-get install -y --no-install-recommends libboost-dev"
    # Who draws figures gets no browser, who tests gets all.
    PATH=$TMP/bin:$PATH ns3 setup figures --dry-run
    expect err "Missing packages: python3-matplotlib"
    expect_no err chromium
    expect_no err libboost-dev
    PATH=$TMP/bin:$PATH ns3 setup test --dry-run
    expect err "Missing packages: chromium libboost-dev python3-matplotlib"
    PATH=$TMP/bin:$PATH ns3 setup mpi figures --dry-run
    expect err "Missing packages: python3-matplotlib"
    ns3 setup now
    expect_refusal "setup for what? found 'now'; allowed: run test"
    CHECKS=$((CHECKS + 1))
    [[ ! -e $TMP/apt-get ]] || complain "apt-get was called"
}

test_missing_package() {
    local build=$TMP/fresh
    stand_in_dpkg libns3-dev
    PORTEND_BUILD_DIR=$build PATH=$TMP/bin:$PATH ns3 run portend-3tier
    expect_refusal "missing packages: libns3-dev; run ./ns3 setup"
    PORTEND_BUILD_DIR=$build PATH=$TMP/bin:$PATH ns3 configure
    expect_refusal "missing packages: libns3-dev; run ./ns3 setup"
    # Tools that vanished after configuring: a PATH with everything but them.
    mkdir -p "$TMP/few"
    local tool
    for tool in bash dirname readlink realpath nproc sed tr grep awk comm sort flock mkdir xargs sh \
        basename cat; do
        ln -sf "$(command -v "$tool")" "$TMP/few/$tool"
    done
    fake_build_folder
    PORTEND_BUILD_DIR=$TMP/fake PATH=$TMP/few ns3 build
    expect_refusal "cmake or ninja is not on the PATH; run ./ns3 setup"
    # What only tests need is asked for by them alone.
    stand_in_dpkg libgtest-dev
    stand_in cmake 'exit 0'
    stand_in ninja 'exit 0'
    faked build
    expect_status 0
    faked test
    expect_refusal "missing packages: libgtest-dev; run ./ns3 setup test"
}

# ---- configure and build, by stand-ins -----------------------------------------------------

fake_build_folder() {
    mkdir -p "$TMP/fake"
    touch "$TMP/fake/build.ninja"
    echo "CMAKE_BUILD_TYPE:STRING=debug" >"$TMP/fake/CMakeCache.txt"
}

# The launcher with stand-ins for all that it calls.
faked() { PORTEND_BUILD_DIR=$TMP/fake PATH=$TMP/bin:$PATH ns3 "$@"; }

test_configure() {
    stand_in_dpkg
    stand_in cmake "echo words of cmake; echo \"\$@\" >$TMP/cmake-args"
    fake_build_folder
    faked configure -d debug -DX=1
    expect_status 0
    expect err "profile debug"
    expect_no err "words of cmake"
    cp "$TMP/cmake-args" "$TMP/out"
    expect out "-DCMAKE_BUILD_TYPE=debug"
    expect out "-DX=1"
    faked configure -d quick
    expect_refusal "no build profile 'quick'; allowed: debug default release optimized"
    faked configure -d
    expect_refusal "-d needs a profile"
    faked configure --enable-magic
    expect_refusal "unknown option '--enable-magic'"
    stand_in cmake 'echo words of cmake >&2; exit 1'
    faked configure
    expect_status 1
    expect err "words of cmake"
    expect err "cmake failed"
}

test_build() {
    stand_in_dpkg
    stand_in cmake 'exit 0'
    fake_build_folder
    stand_in ninja "echo \"\$@\" >$TMP/ninja-args; echo '[1/1] Building'; echo 'warning: odd'"
    faked -j 3 build portend-3tier
    expect_status 0
    expect_lines out 0
    expect_lines err 0
    cp "$TMP/ninja-args" "$TMP/out"
    expect out "-j 3 portend-3tier"
    # A failure shows what failed and why, and nothing else.
    stand_in ninja 'echo "[1/3] Building a"; echo "warning: odd"; echo "[2/3] Building b"
        echo "FAILED: b.o"; echo "b.cc: error: bad"; echo "[3/3] Building c"; exit 1'
    faked build
    expect_status 1
    expect err "FAILED: b.o"
    expect err "b.cc: error: bad"
    expect err "the build failed"
    expect_no err "odd"
    expect_no err "Building"
    stand_in ninja 'echo "ninja: error: unknown target"; exit 1'
    faked build nothing
    expect_status 1
    expect err "unknown target"
    faked run portend-3tier
    expect_status 1
    expect_no err "Did you mean"
}

test_test() {
    stand_in_dpkg
    stand_in cmake 'exit 0'
    stand_in ninja 'exit 0'
    # shellcheck disable=SC2016
    stand_in ctest 'printf "<%s>" "$@"; exit 8'
    fake_build_folder
    faked test -j 2
    expect_status 8
    expect out "<-j><2>"
    expect_no out "-R"
    faked test 'Chain|Tier'
    expect out "<-j><$(nproc)><-R><Chain|Tier>"
}

test_builds_wait_for_each_other() {
    stand_in_dpkg
    stand_in cmake 'exit 0'
    stand_in ninja "echo begin >>$TMP/order; sleep 0.3; echo end >>$TMP/order"
    fake_build_folder
    local first
    (PORTEND_BUILD_DIR=$TMP/fake PATH=$TMP/bin:$PATH "$NS3" build 2>"$TMP/first") &
    first=$!
    faked build
    expect_status 0
    wait "$first"
    cat "$TMP/first" >>"$TMP/err"
    expect err "Waiting for another build"
    tr '\n' ' ' <"$TMP/order" >"$TMP/out"
    expect out "begin end begin end"
}

test_interrupt() {
    stand_in_dpkg
    stand_in cmake 'exit 0'
    # Like ninja: hears the signal, tidies up, ends with an error of its own.
    stand_in ninja "trap 'sleep 0.1; echo tidied >$TMP/tidied; exit 2' INT
        touch $TMP/started; sleep 5 & wait"
    fake_build_folder
    LAST="Ctrl-C during ns3 build"
    set -m # a process group of its own, which hears SIGINT
    PORTEND_BUILD_DIR=$TMP/fake PATH=$TMP/bin:$PATH "$NS3" build >"$TMP/out" 2>"$TMP/err" &
    local group=$!
    set +m
    while [[ ! -e $TMP/started ]]; do sleep 0.05; done
    kill -INT -- "-$group"
    STATUS=0
    wait "$group" || STATUS=$?
    expect_status 130
    expect_no err "the build failed"
    CHECKS=$((CHECKS + 1))
    [[ -e $TMP/tidied ]] || complain "ninja could not tidy up"
}

test_clean() {
    fake_build_folder
    PORTEND_BUILD_DIR=$TMP/fake ns3 distclean
    expect_status 0
    CHECKS=$((CHECKS + 1))
    [[ ! -e $TMP/fake ]] || complain "the folder is still there"
    mkdir -p "$TMP/precious"
    PORTEND_BUILD_DIR=$TMP/precious ns3 distclean
    expect_refusal "is no build folder"
}

# ---- run -----------------------------------------------------------------------------------

# A folder with a "program" that tells its arguments and where it stands.
fake_program() {
    mkdir -p "$TMP/fake/scenarios"
    printf '#!/bin/sh\nprintf "<%%s>" "$@"; echo; pwd; exit 7\n' >"$TMP/fake/scenarios/portend-3tier"
    chmod +x "$TMP/fake/scenarios/portend-3tier"
}

fake_run() { PORTEND_BUILD_DIR=$TMP/fake ns3 run --no-build "$@"; }

test_run_quoting() {
    fake_program
    fake_run "portend-3tier --a='x y' --b=\"1 2\" --c=* --d=\$HOME --e=a&b"
    expect out "<--a=x y><--b=1 2><--c=*><--d=\$HOME><--e=a&b>"
    expect_status 7
    fake_run portend-3tier -- --a='x y' --no-build -j
    expect out "<--a=x y><--no-build><-j>"
    fake_run "portend-3tier --a=1" -- --b=2
    expect out "<--a=1><--b=2>"
    fake_run "portend-3tier --a='x"
    expect_refusal "quotes that do not match"
    fake_run "  portend-3tier  "
    expect_status 7
    fake_run portend-3tier --command-template="echo before %s after"
    expect_status 0
    expect out "before $TMP/fake/scenarios/portend-3tier after"
    fake_run "portend-3tier --a='x & y'" --command-template='%s'
    expect out "<--a=x & y>"
    fake_run portend-3tier --command-template=time
    expect_refusal "the command template lacks %s"
}

test_run_refusals() {
    fake_program
    fake_run portend-3teir
    expect_refusal "no program 'portend-3teir'. Did you mean portend-3tier?"
    fake_run xyz
    expect_refusal "no program 'xyz'. Programs: "
    fake_run
    expect_refusal "run: which program?"
    fake_run " "
    expect_refusal "run: which program?"
    fake_run portend-3tier --samples=3
    expect_refusal "unknown option '--samples=3'; the program's own go after --"
    fake_run portend-3tier 3
    expect_refusal "found '3' after the program"
    fake_run portend-3tier --cwd="$TMP/nowhere"
    expect_refusal "no folder '$TMP/nowhere'"
    PORTEND_BUILD_DIR=$TMP/none ns3 run --no-build portend-3tier
    expect_refusal "is not built; run it without --no-build"
}

test_run_where_you_stand() {
    fake_program
    mkdir -p "$TMP/here" "$TMP/there"
    cd "$TMP/here"
    fake_run portend-3tier
    expect out "$TMP/here"
    fake_run --cwd=../there portend-3tier
    expect out "$TMP/there"
    # The real program: files land in the caller's folder.
    if [[ -x $BUILT/scenarios/portend-3tier ]]; then
        PORTEND_BUILD_DIR=$BUILT ns3 run --no-build "portend-3tier --samples=5 --quiet --json=r.json"
        expect_status 0
        [[ -s $TMP/here/r.json ]] || complain "no r.json in the caller's folder"
    fi
    cd "$ROOT"
}

main() {
    local test
    for test in $(declare -F | awk '$3 ~ /^test_/ { print $3 }'); do
        rm -rf "${TMP:?}/bin" "${TMP:?}/fake"
        "$test"
    done
    echo "$CHECKS checks, $FAILURES failures"
    [[ $FAILURES -eq 0 ]]
}

main
