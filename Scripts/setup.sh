# Sets up what the other scripts need; sourced by them, in the checkout's root.

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; [ -z "${2:-}" ] || say "hint: $2"; exit 1; }

# need_swift: the toolchain, on PATH or in its usual place.
need_swift() {
    command -v swift >/dev/null || PATH="$PATH:$HOME/.local/share/swiftly/bin:/usr/local/swift/usr/bin"
    command -v swift >/dev/null || fail "Swift 6.2 or newer is not installed" "https://www.swift.org/install"
}

# need_packages NAME…: Debian packages; installed when missing and allowed, else named.
need_packages() {
    if [ "$(uname)" = Darwin ]; then need_homebrew; return 0; fi
    if ! command -v dpkg-query >/dev/null; then
        say "this is neither Debian nor macOS: install what these packages hold, if it isn't there: $*"
        return 0
    fi
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local as=()
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || fail "these packages are missing: ${missing[*]}" "sudo apt-get install ${missing[*]}"
        as=(sudo -n)
    fi
    say "installing ${missing[*]}"
    "${as[@]}" apt-get update -qq >&2 || fail "the package lists can't be read" "apt-get update"
    DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq "${missing[@]}" >&2 </dev/null ||
        fail "the packages can't be installed" "apt-get install ${missing[*]}"
}

need_homebrew() {
    local name
    for name in argon2 pkgconf; do
        brew list "$name" >/dev/null 2>&1 || fail "$name is missing" "brew install argon2 pkgconf python"
    done
}

# What the programs are built with.
need_libraries() {
    need_packages libargon2-dev libcurl4-openssl-dev libexpat1-dev libsqlite3-dev zlib1g-dev pkg-config
}

# need_python: moto, the AWS CLI and boto3 in .venv; false when there is no Python to make it with.
need_python() {
    local wanted=Scripts/requirements.txt made=.venv/requirements.txt
    cmp -s "$wanted" "$made" && return 0
    say "setting up Python peers in .venv"
    if ! python3 -m venv .venv >/dev/null 2>&1; then
        (need_packages python3 python3-venv) && python3 -m venv .venv >&2 || return 1
    fi
    .venv/bin/pip install -q -r "$wanted" >&2 || return 1
    cp "$wanted" "$made"
}

# release_flags: sets `release`, what `swift build` is given for programs that are handed out.
#
# Swift's and C++'s runtimes go inside: a copy runs wherever glibc does, and without libstdc++ to load and bind a run of
# creds on a cache hit went from 2.0 to 1.6 ms. Swift asks the linker to export every symbol, which keeps the linker from
# dropping what nothing calls; without that creds is 2.1 MiB smaller and a hit 0.5 ms faster. No library is looked for
# beside the program, where somebody else may have put it: SwiftPM's RUNPATH of $ORIGIN stays out.
release_flags() {
    release=(-c release --disable-local-rpath)
    [ "$(uname)" = Linux ] || return 0
    release+=(--static-swift-stdlib -Xlinker --no-export-dynamic)
    local archive
    archive=$(clang -print-file-name=libstdc++.a)
    [ -f "$archive" ] || return 0
    mkdir -p .build/static-cxx
    ln -sf "$(cd "$(dirname "$archive")" && pwd)/libstdc++.a" .build/static-cxx/libstdc++.a
    release+=(-Xlinker "-L$PWD/.build/static-cxx" -Xswiftc -Xclang-linker -Xswiftc -static-libgcc)
}

# build [ARGUMENT…]: quietly unless it fails.
build() {
    need_swift
    local log
    log=$(mktemp)
    if ! swift build "$@" >"$log" 2>&1; then
        grep -E 'error|warning: .*bursar' "$log" >&2 || tail -n 20 "$log" >&2
        rm -f "$log"
        fail "the build failed"
    fi
    rm -f "$log"
}

# build_programs FOLDER NAME…: builds programs to be handed out and puts them into FOLDER, without what only a debugger
# reads.
build_programs() {
    local folder=$1 name release bin
    shift
    need_swift
    release_flags
    for name in "$@"; do build "${release[@]}" --product "$name"; done
    bin=$(swift build "${release[@]}" --show-bin-path)
    mkdir -p "$folder"
    for name in "$@"; do
        install -m 755 "$bin/$name" "$folder/$name"
        strip "$folder/$name"
    done
}
