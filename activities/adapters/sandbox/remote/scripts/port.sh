#!/bin/bash
# port.sh PORT
# Passes stdin on to a port of the sandbox, in the network of commands without one, and what comes from there to stdout.
here=${0%/*}
root=${here%/scripts/*}
if ((EUID)); then exec sudo -n bash "$0" "$@"; fi
. "$here/calls.sh"
enter_network none
exec "${entered[@]}" "${as_user[@]}" bash --norc -c '
  # A server may listen on one of both addresses alone.
  { exec 3<>"/dev/tcp/127.0.0.1/$1" || exec 3<>"/dev/tcp/::1/$1"; } 2>/dev/null || exit
  exec 4<&0
  cat <&3 & reader=$!
  { cat <&4; kill "$reader"; } >&3 &
  wait "$reader"
  kill $!' bash "$1" 2>/dev/null
