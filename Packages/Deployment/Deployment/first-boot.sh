#!/bin/sh
# Makes this machine Bursar's server: its disk, the programs, the settings, the service. What is done already stays as
# it is, so run it again after a failure.
# usage: bursar-first-boot [STEP…]   disk, mount, download, programs, certificate, settings, log, start; else all
set -eu
umask 022
# VOLUME_ID DISK ARCHIVE SHA256 DOWNLOADS TLS
# shellcheck source=/dev/null
. "${BURSAR_FIRST_BOOT:-/etc/bursar/first-boot.env}"
# shellcheck disable=SC2153
archive=$DOWNLOADS/${ARCHIVE##*/}
data=/var/lib/bursar
bin=/usr/local/bin

say() { printf 'bursar-first-boot: %s\n' "$1" >&2; }
fail() {
    say "error: $1"
    [ -z "${2:-}" ] || say "hint: $2"
    exit 1
}

# MARK: the volume

wait_for_disk() {
    tries=0
    until [ -e "$DISK" ]; do
        [ "$tries" != 0 ] || say "waiting for $VOLUME_ID: aws ec2 attach-volume --volume-id $VOLUME_ID --device /dev/sdf …"
        tries=$((tries + 1))
        [ "$tries" -le 120 ] || fail "$VOLUME_ID isn't attached" "attach it, then run bursar-first-boot again"
        sleep 5
    done
}

# Nothing that anybody knows is on it, and its first 16 MiB are zero, as a new volume's are. blkid says 2 also of a disk
# that it can't read; cmp tells that from blank.
is_blank() {
    found=0
    blkid -p "$DISK" >/dev/null 2>&1 || found=$?
    [ "$found" = 2 ] && cmp -s -n 16777216 "$DISK" /dev/zero
}

disk() {
    wait_for_disk
    if [ "$(blkid -p -s TYPE -o value "$DISK" || true)" = ext4 ] &&
        [ "$(blkid -p -s LABEL -o value "$DISK" || true)" = bursar ]; then
        say "$VOLUME_ID has a file system of ours: it is used as it is"
        return
    fi
    is_blank || fail "$VOLUME_ID holds something else or can't be read, and is not touched" \
        "is it the right volume, and well? if what it holds is ours, label it: e2label $DISK bursar"
    mkfs.ext4 -q -L bursar "$DISK"
    say "made a file system on $VOLUME_ID"
}

mount_disk() {
    uuid=$(blkid -p -s UUID -o value "$DISK")
    mkdir -p "$data"
    grep -q "^UUID=$uuid " /etc/fstab ||
        printf 'UUID=%s %s ext4 defaults,nofail,nodev,nosuid,noexec,x-systemd.device-timeout=90s 0 2\n' \
            "$uuid" "$data" >>/etc/fstab
    # A machine whose volume is away still starts; the server doesn't, rather than on an empty folder.
    for unit in bursar bursar-backup bursar-doctor; do
        mkdir -p "/etc/systemd/system/$unit.service.d"
        printf '[Unit]\nRequiresMountsFor=%s\n' "$data" >"/etc/systemd/system/$unit.service.d/volume.conf"
    done
    systemctl daemon-reload
    mountpoint -q "$data" || mount "$data"
    [ "$(findmnt -n -o UUID --mountpoint "$data")" = "$uuid" ] || fail "something else is mounted on $data"
}

# MARK: the programs

is_released() { printf '%s  %s\n' "$SHA256" "$1" | sha256sum --check --status; }

download() {
    mkdir -p "$DOWNLOADS"
    if [ -f "$archive" ] && is_released "$archive"; then return; fi
    case $ARCHIVE in
        *-linux-"$(uname -m)".tar.gz) ;;
        *) fail "the archive is not for this machine, which is $(uname -m)" "make the user-data with another --archive" ;;
    esac
    curl --proto '=https' --proto-redir '=https' --fail --silent --show-error --location --retry 5 \
        --retry-connrefused --connect-timeout 20 --max-time 600 --max-filesize 1073741824 \
        --output "$archive.new" "$ARCHIVE" || fail "the archive can't be downloaded from $ARCHIVE"
    is_released "$archive.new" || {
        rm -f "$archive.new"
        fail "what was downloaded is not what was released: its checksum differs" "is --sha256 of this archive?"
    }
    mv "$archive.new" "$archive"
}

programs() {
    is_released "$archive" || fail "$archive is not what was released" "remove it, then run bursar-first-boot again"
    folder=$(mktemp -d)
    tar -xzf "$archive" -C "$folder" --no-same-owner
    sh "$folder"/*/install --server || fail "the programs could not be installed"
    rm -rf "$folder"
}

# MARK: the settings

# For the way from a balancer to here, which doesn't ask who signed it.
certificate() {
    [ "$TLS" = yes ] && [ ! -s /etc/bursar/tls.key ] || return 0
    (
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=bursar \
            -keyout /etc/bursar/tls.key.new -out /etc/bursar/tls.pem 2>/dev/null
    )
    chown root:bursar /etc/bursar/tls.key.new /etc/bursar/tls.pem
    chmod 640 /etc/bursar/tls.key.new /etc/bursar/tls.pem
    mv /etc/bursar/tls.key.new /etc/bursar/tls.key
}

settings() {
    chown root:bursar /etc/bursar/config.yaml
    chmod 640 /etc/bursar/config.yaml
    # The file system's own root is root's when it is new.
    chown bursar:bursar "$data"
    chmod 700 "$data"
    [ -e "$data/bursar.sqlite" ] || runuser -u bursar -- "$bin/admin" database init --database "$data/bursar.sqlite"
}

log() {
    agent=/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl
    [ -f /etc/bursar/cloudwatch-agent.json ] || return 0
    if [ ! -x "$agent" ]; then
        say "there is no CloudWatch agent here: the log stays in the journal (journalctl -u bursar)"
    elif ! "$agent" -a fetch-config -m ec2 -s -c file:/etc/bursar/cloudwatch-agent.json >/dev/null; then
        say "the CloudWatch agent doesn't take its settings: the log stays in the journal (journalctl -u bursar)"
    fi
}

start() {
    units=bursar.service
    for timer in bursar-backup.timer bursar-doctor.timer; do
        [ ! -f "/etc/systemd/system/$timer" ] || units="$units $timer"
    done
    # shellcheck disable=SC2086
    systemctl enable --now $units
    runuser -u bursar -- "$bin/vending-server" check || fail "the server runs but is not ready" "put right what is said above, then: bursar-first-boot start"
    say "done: the server runs"
}

[ $# -gt 0 ] || set -- disk mount download programs certificate settings log start
for step in "$@"; do
    case $step in
        disk | download | programs | certificate | settings | log | start) "$step" ;;
        mount) mount_disk ;;
        *) fail "there is no step $step" "disk, mount, download, programs, certificate, settings, log, start" ;;
    esac
done
