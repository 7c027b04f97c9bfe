#!/bin/bash
# end.sh PID GRACE_SECONDS
# Ends every process of the sessions that PID and its descendants lead: TERM first, KILL after the grace.
# The session holds what a process group would miss, such as a pipeline under timeout(1); the caller's
# own session stays.
root=$1 grace=$2

if [[ ! -e /proc/self/stat ]]; then
  kill -KILL -- "-$root"
  exit
fi

declare -A parent session told
scan() {
  local stat line fields
  parent=() session=()
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    fields=(${line##*) })
    [[ ${fields[0]} == Z ]] && continue
    parent[${line%% *}]=${fields[1]}
    session[${line%% *}]=${fields[3]}
  done
}

# Sends a signal to every process of those sessions, or only to those that did not get one yet.
signal_led() {
  local pid found=1
  for pid in "${!session[@]}"; do
    [[ ${led[${session[$pid]}]} ]] || continue
    found=0
    [[ $2 == new && ${told[$pid]} ]] && continue
    told[$pid]=1
    kill "-$1" "$pid" 2>/dev/null
  done
  return $found
}

scan
declare -A below=([$root]=1) led
for pid in "${!parent[@]}"; do
  at=$pid
  while [[ ${parent[$at]} && ! ${below[$at]} ]]; do at=${parent[$at]}; done
  [[ ${below[$at]} ]] && below[$pid]=1
done
for pid in "${!below[@]}"; do
  [[ ${session[$pid]} && ${below[${session[$pid]}]} ]] && led[${session[$pid]}]=1
done

exec 8<> <(:)
# A process may start another while its session is being ended: it is told as soon as it is seen.
for ((tick = 0; tick < grace * 40; tick++)); do
  signal_led TERM new || exit 0
  read -r -t 0.025 -u 8
  scan
done
for ((tick = 0; tick < 100; tick++)); do
  signal_led KILL || exit 0
  read -r -t 0.01 -u 8
  scan
done
