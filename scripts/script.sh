# shellcheck shell=bash
# What all shell scripts do alike: how they print, and how they end.

# Prints lines on the standard output, and sees that they arrive.
print() { printf '%s\n' "$@" 2>/dev/null || die "the standard output cannot be written"; }

# Bad usage, a missing piece, an output that cannot be written: one message, status 2.
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 2
}

# What was asked for was understood, and went wrong: status 1.
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}
