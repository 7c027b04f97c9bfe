# jobs.sh, sourced by calls.sh
# Commands, each under job.sh, which outlives the call that started it. All state is in files of its folder.

start_time_of() {
  local stat fields
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return
  fields=(${stat##*) })
  [[ ${fields[0]} == [ZX] ]] || echo "${fields[19]}"
}
lives() { [[ $1 && $(start_time_of "$1") == "$2" ]]; }

# start JOB NETWORK FOLDER LOG_BYTES MEMORY PROCESSES FILE: the input is the shell code around the command, the command and
# its own variables, as fields that NUL ends.
verb_start() {
  local job=$jobs/$1 folder=$3 log=$4 fields tries
  if [[ -e $job/supervisor ]]; then return; fi
  mapfile -d '' -t fields
  load_environment
  mkdir -p "$job"
  put "$job/command" '%s' "${fields[1]}" && put "$job/env" '%s\0' "${environment[@]}" "${fields[@]:2}" || return
  # Space for the final report, reserved while the disk has some.
  [[ -e $job/exit ]] || put "$job/exit" '%63s\n' '' || return
  [[ -e $job/report ]] || put "$job/report" '%4096s' '' || return
  enter_network "$2" || return
  limit "$5" "$6" "$7"
  setsid bash --norc "$here/job.sh" "$job" "$log" '' '' "${entered[@]}" setsid "${as_user[@]}" \
    env -i bash -c "${fields[0]}" bash "$job" "$workspace/$folder" "$workspace" </dev/null >/dev/null 2>&1 &
  for ((tries = 0; tries < 500; tries++)); do
    if [[ -e $job/supervisor ]]; then return; fi
    sleep 0.01
  done
  echo 'No space left on device, or the supervisor of the command did not start.' >&2
  return 1
}

# Writes a file as a whole or not at all.
put() {
  local file=$1 fresh=$1.$BASHPID
  shift
  printf "$@" >"$fresh" && mv "$fresh" "$file"
}

has_ended() { { read -r code <"$1/exit"; } 2>/dev/null && [[ $code =~ ^[0-9]+$ ]]; }

# wait JOB MILLISECONDS LOG_BYTES: prints running, lost, or exited with code, milliseconds, 1 where the output was too
# long, and the directory at the end
verb_wait() {
  local job=$jobs/$1 left=$2 code
  exec 8<> <(:)
  until has_ended "$job" || ! runs "$job" || ((left <= 0)); do
    read -r -t 0.03 -u 8
    ((left -= 33))
  done
  # It may have ended between the two looks.
  if has_ended "$job"; then print_end "$job" "$3"; elif runs "$job"; then printf 'running\0'; else
    if has_ended "$job"; then print_end "$job" "$3"; else printf 'lost\0'; fi
  fi
}

runs() {
  local pid started
  { read -r pid started <"$1/supervisor"; } 2>/dev/null
  if [[ $pid ]]; then lives "$pid" "$started"; else
    # A supervisor writes its id right after it creates the file.
    [[ -e $1/supervisor ]] && (($(date +%s) - $(stat -c %Y "$1/supervisor") < 2))
  fi
}

print_end() {
  local report began ended log
  mapfile -d '' -t -n 2 report <"$1/report"
  # The command's shell reported nothing: the exit code is that of the way in.
  if [[ ! ${report[0]} =~ ^[0-9]+$ ]] && ((code < 128)); then printf 'lost\0' && return; fi
  began=$(stat -c %.3Y "$1/supervisor") ended=$(stat -c %.3Y "$1/exit") log=$(stat -c %s "$1/log" 2>/dev/null || echo 0)
  printf '%s\0' exited "$code" "$((${ended/./} - ${began/./}))" "$((log > $2))" "${report[1]}"
}

# output JOB HEAD TAIL: bytes and lines on a line, then the output or its two ends
verb_output() {
  local log=$jobs/$1/log bytes lines
  if [[ ! -e $log ]]; then echo '0 0' && return; fi
  # What the log is at this moment: the command may still write.
  bytes=$(stat -c %s "$log")
  lines=$(head -c "$bytes" "$log" | wc -l)
  if ((bytes)) && [[ $(head -c "$bytes" "$log" | tail -c 1 | wc -l) == 0 ]]; then ((lines++)); fi
  echo "$bytes $lines"
  if ((bytes <= $2 + $3)); then head -c "$bytes" "$log"; else
    head -c "$2" "$log"
    head -c "$bytes" "$log" | tail -c "$3"
  fi
}

# kill JOB: also right after its start
verb_kill() {
  local job=$jobs/$1 tries pid lines
  for ((tries = 0; tries < 250; tries++)); do
    { mapfile -t lines <"$job/supervisor"; } 2>/dev/null || return 0
    pid=${lines[1]:-${lines[0]:-}}
    if [[ $pid ]] && ! lives ${pid}; then return 0; fi
    if [[ ${lines[1]:-} ]]; then bash "$here/end.sh" "${pid% *}" 1; fi
    sleep 0.01
  done
}
