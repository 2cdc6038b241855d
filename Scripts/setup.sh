# Sets up what the other scripts need; sourced by them, in the checkout's root.

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; [ -z "${2:-}" ] || say "hint: $2"; exit 1; }

# progress LABEL PATTERN: passes lines on, except those that match PATTERN (an extended regular expression). Of those a
# terminal shows the latest, in one line that is written over; elsewhere the first is printed, and one every 15 seconds.
progress() {
    local label=$1 pattern=$2 line shown=-15 width=0
    [ ! -t 2 ] || width=$(tput cols 2>/dev/null || echo 80)
    while IFS= read -r line; do
        if ! [[ $line =~ $pattern ]]; then
            [ "$width" = 0 ] || printf '\r\033[K' >&2
            printf '%s\n' "$line"
        elif [ "$width" != 0 ]; then
            line="$label: $line"
            printf '\r\033[K%s' "${line:0:width-1}" >&2
        elif [ $((SECONDS - shown)) -ge 15 ]; then
            shown=$SECONDS
            line="$label: $line"
            say "${line:0:120}"
        fi
    done
    [ "$width" = 0 ] || printf '\r\033[K' >&2
}

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
    say "installing Debian packages: ${missing[*]}"
    "${as[@]}" apt-get update -qq >&2 || fail "the package lists can't be read" "apt-get update"
    (
        set -o pipefail
        steps=$("${as[@]}" apt-get install -s -qq "${missing[@]}" 2>/dev/null | grep -c '^Inst' || true)
        DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -q "${missing[@]}" 2>&1 </dev/null |
            package_steps "$steps" | progress "installing" '^\[[0-9]+/'
    ) || fail "the packages can't be installed" "apt-get install ${missing[*]}"
}

# package_steps COUNT: of what apt-get prints for COUNT packages, each step as "[3/12] Unpacking NAME", and its errors.
package_steps() {
    local line fetched=0 unpacked=0 done=0
    while IFS= read -r line; do
        case $line in
            Get:*) fetched=$((fetched + 1)); line=${line#* }; printf '[%s/%s] Fetching %s\n' "$fetched" "$1" "$line" ;;
            Unpacking\ *) unpacked=$((unpacked + 1)); printf '[%s/%s] %s\n' "$unpacked" "$1" "$line" ;;
            "Setting up "*) done=$((done + 1)); printf '[%s/%s] %s\n' "$done" "$1" "$line" ;;
            E:* | W:* | Err:* | dpkg:*) printf '%s\n' "$line" >&2 ;;
        esac
    done
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

# need_postgres: PostgreSQL's programs for the tests, which make clusters of their own; Debian's package makes one and
# starts it, unless its settings say otherwise before it is installed.
need_postgres() {
    local settings=/etc/postgresql-common/createcluster.conf as=()
    if command -v dpkg-query >/dev/null && ! dpkg-query -W -f '${Status}' postgresql 2>/dev/null | grep -q 'ok installed'; then
        need_packages postgresql-common
        [ "$(id -u)" = 0 ] || as=(sudo -n)
        grep -q '^create_main_cluster = false' "$settings" ||
            echo 'create_main_cluster = false' | "${as[@]}" tee -a "$settings" >/dev/null ||
            fail "$settings can't be written" "sudo apt-get install postgresql"
    fi
    need_packages libpq5 postgresql
}

# need_python [NAME…]: the packages of Scripts/requirements.txt, or these of them alone, in .venv; false when there is no
# Python to make it with. .venv/requirements.txt lists what is installed.
need_python() {
    local all=Scripts/requirements.txt made=.venv/requirements.txt name line missing=() installed=()
    while IFS= read -r line; do
        if [ -f "$made" ] && grep -qxF -e "$line" "$made"; then installed+=("$line"); continue; fi
        [ $# -gt 0 ] || { missing+=("$line"); continue; }
        for name in "$@"; do
            case $line in "$name=="* | "${name}["*) missing+=("$line") ;; esac
        done
    done <"$all"
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing Python packages in .venv: ${missing[*]}"
    if ! python3 -m venv .venv >/dev/null 2>&1; then
        (need_packages python3 python3-venv) && python3 -m venv .venv >&2 || return 1
    fi
    (
        set -o pipefail
        .venv/bin/pip install --disable-pip-version-check --progress-bar off "${missing[@]}" 2>&1 |
            progress "installing" '^ *(Collecting|Downloading|Using cached|Installing|Requirement|Successfully|Looking)' >&2
    ) || return 1
    printf '%s\n' ${installed[@]+"${installed[@]}"} "${missing[@]}" >"$made"
}

# unfinished_tests EVENTS: the tests that have started and not ended, by the events that `swift test` writes.
unfinished_tests() {
    awk '
        /"kind":"test(Started|Ended)"/ && match($0, /"testID":"([^"\\]|\\.)*"/) {
            id = substr($0, RSTART + 10, RLENGTH - 11)
            gsub(/\\\//, "/", id)
            # A suite has no place in a file.
            if (id !~ /\.swift:[0-9]+:[0-9]+$/) next
            if ($0 ~ /"kind":"testStarted"/) running[id]
            else delete running[id]
        }
        END { for (id in running) print "  " id }
    ' "$1" | sort
}

# groups_of PROCESS: the process groups of PROCESS and of all that it started: SwiftPM puts tests into one of their own.
groups_of() {
    ps -A -o pid= -o ppid= -o pgid= | awk -v root="$1" '
        { parent[$1] = $2; group[$1] = $3 }
        END {
            for (process in parent) {
                above = process
                while (above in parent && above != root) above = parent[above]
                if (above == root) print group[process]
            }
        }
    ' | sort -u
}

# end_groups PROCESS: ends the process groups of PROCESS and of all that it started, by force after 10 s.
end_groups() {
    local group groups waited=0
    groups=$(groups_of "$1")
    for group in $groups; do kill -TERM -- "-$group" 2>/dev/null || true; done
    while [ "$waited" -lt 10 ]; do
        for group in $groups; do kill -0 -- "-$group" 2>/dev/null && break; done || return 0
        sleep 1
        waited=$((waited + 1))
    done
    for group in $groups; do kill -KILL -- "-$group" 2>/dev/null || true; done
}

# watch_tests EVENTS SECONDS PROCESS: follows the events that `swift test` writes, until PROCESS ends. When tests have
# begun and none has ended for SECONDS, it names those that are under way and ends PROCESS with all that it started.
watch_tests() {
    local events=$1 limit=$2 tests=$3 ended=0 now silent=0
    while [ "$silent" -lt "$limit" ]; do
        sleep 10 >/dev/null 2>&1
        kill -0 "$tests" 2>/dev/null || return 0
        grep -aq '"kind":"testStarted"' "$events" || continue
        now=$(grep -acE '"kind":"test(Case)?Ended"' "$events" || true)
        silent=$((now == ended ? silent + 10 : 0))
        ended=$now
    done
    say "error: no test has ended for $limit s; these have started and not ended:"
    unfinished_tests "$events" >&2
    end_groups "$tests"
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

# What SwiftPM prints of a step: "[12/345] Compiling GRDB Database.swift", or that it fetches a package.
swift_step='^(\[[0-9]+/[0-9]+\]|(Fetching|Fetched|Computing|Computed|Creating|Working|Building|Updating|Updated) )'

# swift_progress LABEL: progress of SwiftPM's steps.
swift_progress() { progress "$1" "$swift_step"; }

# build [ARGUMENT…]: shows how far it is, and what the compiler says only when it fails. `building` may name what is built.
build() {
    need_swift
    local log
    log=$(mktemp)
    if ! (
        set -o pipefail
        swift build "$@" 2>&1 | tee "$log" | swift_progress "${building:-building}" >/dev/null
    ); then
        grep -E 'error|warning: .*bursar' "$log" >&2 || tail -n 20 "$log" >&2
        rm -f "$log"
        fail "the build failed"
    fi
    rm -f "$log"
}

# build_each NAME… [-- ARGUMENT…]: the products, one after another, with which of how many it is.
build_each() {
    local names=() name count=0 building
    while [ $# -gt 0 ] && [ "$1" != -- ]; do names+=("$1"); shift; done
    [ $# = 0 ] || shift
    for name in "${names[@]}"; do
        count=$((count + 1))
        building="building $name ($count of ${#names[@]})"
        build "$@" --product "$name"
        say "built $name ($count of ${#names[@]})"
    done
}

# build_programs FOLDER NAME…: builds programs to be handed out and puts them into FOLDER, without what only a debugger
# reads.
build_programs() {
    local folder=$1 name release bin
    shift
    need_swift
    release_flags
    build_each "$@" -- "${release[@]}"
    bin=$(swift build "${release[@]}" --show-bin-path)
    mkdir -p "$folder"
    for name in "$@"; do
        install -m 755 "$bin/$name" "$folder/$name"
        strip "$folder/$name"
    done
}
