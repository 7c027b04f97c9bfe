#!/bin/bash
# job.sh JOB_DIR LOG_LIMIT NODE POLICY PROGRAM ARGUMENT...
# Runs one command to its end on behalf of whoever started it, and outlives them. The first that makes the
# file "supervisor" runs the command; any other leaves at once. Written there: process id and start time of
# this script, then of the command as seen from here. The exit code goes to the file "exit", whose blocks
# are there already, so that a full disk cannot lose it.
# A command with a POLICY file gets a network of its own, by network.mjs; @NETWORK@ in its arguments is a process in there.
job=$1 limit=$2 node=$3 policy=$4 here=${0%/*}
shift 4
. "$here/alone.sh"
umask 022

start_time() {
  local stat fields
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || stat='() - - - - - - - - - - - - - - - - - - - 0'
  fields=(${stat##*) })
  started=${fields[19]}
}

set -o noclobber
{ exec 7>"$job/supervisor"; } 2>/dev/null || exit 0
set +o noclobber
start_time $$
if ! printf '%s %s\n' $$ "$started" >&7; then
  rm -f "$job/supervisor"
  exit 74
fi

if [[ $policy ]]; then
  coproc network { exec "$node" "$here/network.mjs" "$policy" 7>&- 2>>"$job/log"; }
  if ! read -r inside <&"${network[0]}"; then
    wait "$network_PID"
    # An ended sandbox leaves no report: the command is lost, and may run in the next sandbox.
    if [[ $? != 3 ]]; then printf '0\0' 1<>"$job/report"; fi
    printf '69\n' 1<>"$job/exit"
    exit
  fi
  set -- "${@//@NETWORK@/$inside}"
fi

# A shell starts background commands deaf to these two signals.
env --default-signal=INT,QUIT "$@" </dev/null >>"$job/log" 2>&1 7>&- 9<>"$job/report" &
command=$!
start_time $command
printf '%s %s\n' $command "$started" >&7

# Waits without a process that would outlive the job.
nap() { if [[ -e /proc/self/stat ]]; then read -r -t "$1" -u 8; else sleep "$1"; fi; }

watch_log() {
  local pause=0.1
  [[ -e /proc/self/stat ]] && exec 8<> <(:)
  while kill -0 $command; do
    nap $pause
    if (($(wc -c <"$job/log") > limit)); then
      exec bash "$here/end.sh" $command 0
    fi
    [[ $pause == 0.1 ]] && pause=0.3 || pause=1
  done
}
watch_log &
watcher=$!

wait $command
code=$?
printf '%s\n' $code 1<>"$job/exit"
kill $watcher ${policy:+$network_PID}
