#!/bin/bash
# holder.sh DIR USER_NAMESPACES BWRAP_ARGUMENT...
# Becomes the bubblewrap process that owns a sandbox's namespaces. Runs inside a fresh user namespace and
# waits for a line on stdin, since the ids of that namespace may be mapped from outside.
dir=$1 namespaces=$2
shift 2
read -r _ || exit 1

: >"$dir/info"
: >"$dir/ready"
read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/$$/stat
fields=(${stat##*) })
printf '%s %s %s\n' "$boot" "$$" "${fields[19]}" >"$dir/owner"

# Commands make no user namespaces of their own: less of the kernel to attack.
tee /proc/sys/user/max_user_namespaces <<<"$namespaces" >/dev/null 2>&1
exec bwrap --info-fd 8 "$@" 8>"$dir/info" 9>"$dir/ready"
