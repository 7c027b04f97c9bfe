# calls.sh, sourced by driver.sh
# The verbs of calls. Exit codes: 80 the creation failed for a reason that stderr names, 81 there is no such sandbox,
# 82 a commit is missing; those of files are in files.sh.
agent=61000
. "$here/jobs.sh"

# The environment of commands: that of the image, then the platform's.
load_environment() { mapfile -d '' -t environment <"$root/environment"; }

# What runs a program as the agent, without any right of the platform, and without network.
as_user=(setpriv --reuid=$agent --regid=$agent --clear-groups --no-new-privs --inh-caps=-all --ambient-caps=-all
  --bounding-set=-all --)

# Sets `entered`: what runs a program in the network `$1`. A sandbox that cannot have networks of its own has one of whole.
enter_network() {
  entered=()
  if [[ ! -e $root/separate ]]; then return; fi
  if [[ $1 == none ]]; then
    nsenter --net="$root/network" true 2>/dev/null || make_network || return
    entered=(nsenter --net="$root/network" --)
  else
    # What such a command leaves running ends with it: others could reach the network by it.
    entered=(unshare --pid --fork --kill-child --)
  fi
}

make_network() {
  local up='ip link set lo up || perl -e "socket(S,2,2,0);ioctl(S,0x8914,pack(\"a16s\",\"lo\",65)) or exit 1"'
  umount "$root/network" 2>/dev/null
  : >"$root/network"
  unshare --net="$root/network" true && nsenter --net="$root/network" bash -c "$up" 2>/dev/null
}

limit() {
  local name
  for name in "d $(($1 * 1024))" "u $2" "f $(($3 * 1024))" "n 16384" "c 0"; do ulimit -${name% *} "${name#* }" 2>/dev/null; done
}

git_here() {
  GIT_DIR=$root/git GIT_WORK_TREE=$workspace PLATFORM=$platform KEEP=refs/omoios/sandboxes/keep AGENT_UID=${as_agent:-} \
    bash --norc "$here/workspace.sh" "$@"
}
plain_git() { GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null git --git-dir "$root/git" -c safe.directory='*' "$@"; }

verb_made() { [[ -e $root/done ]] && cat "$root/spec"; }

# create PACK: makes the sandbox of the fields of the input, each ended by NUL: specification, base, files, branch, access,
# HEAD, refs, shallow commits, then variables.
verb_create() {
  local fields program
  exec 4>"$root/lock"
  flock 4
  if [[ -e $root/done ]]; then return; fi
  for program in git flock setpriv setsid nsenter unshare base64 stat sort comm grep xargs cmp find; do
    command -v "$program" >/dev/null || { echo "The image has no $program." >&2; return 80; }
  done
  mapfile -d '' -t fields
  rm -rf "$root"/{git,platform,jobs,bin,staging} "$root"/{spec,separate}
  mkdir -p "$workspace" "$home" "$jobs" "$root"/{bin,staging,git} "$platform"
  find "$workspace" "$home" -mindepth 1 -delete
  grep -q '^agent:' /etc/passwd || echo "agent:x:$agent:$agent:agent:$home:/bin/bash" >>/etc/passwd
  grep -q '^agent:' /etc/group || echo "agent:x:$agent:" >>/etc/group
  printf '[user]\n\tname = OmoiOS agent\n\temail = agent@omoios.invalid\n[init]\n\tdefaultBranch = main\n[safe]\n\tdirectory = *\n' >"$home/.gitconfig"
  chmod 755 "$workspace" "$home"
  chown -R $agent:$agent "$workspace" "$home" "$root/staging" "$platform"
  chmod 700 "$root/staging"
  cp "$here/job" "$root/bin/job"
  chmod 755 "$root/bin/job"

  git init -q --bare --template= "$root/git" && plain_git index-pack --stdin <"$1" >/dev/null || return
  plain_git config gc.auto 0
  printf '%s' "${fields[5]}" >"$root/git/HEAD"
  printf '%s' "${fields[6]}" >"$root/git/packed-refs"
  if [[ ${fields[7]} ]]; then printf '%s' "${fields[7]}" >"$root/git/shallow"; fi
  as_agent=$agent git_here checkout "${fields[1]}" "${fields[3]}" "$root/git/objects" "${fields[2]}" || return
  # From here on the agent owns nothing that the platform works with.
  chown -R 0:0 "$platform"
  chmod 700 "$platform"
  if [[ ${fields[4]} == read_only ]]; then chown -R 0:0 "$workspace"; fi

  { image_environment; printf '%s\0' "${fields[@]:8}" "PATH=$root/bin:$image_path" "OMOIOS_JOBS=$jobs"; } >"$root/environment"
  if unshare --net true 2>/dev/null && make_network; then : >"$root/separate"; fi
  printf '%s' "${fields[0]}" >"$root/spec"
  : >"$root/done"
  rm -f "$1"
}

# The variables of the image, without those of the place that runs it.
image_environment() {
  local entry
  image_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  while IFS= read -r -d '' entry; do
    case $entry in
      PATH=*) image_path=${entry#*=} ;;
      DAYTONA*=* | OMOIOS*=* | SUDO*=* | SSH*=* | OTEL*=* | HOSTNAME=* | LANG=* | LC_*=* | PWD=* | OLDPWD=* | _=* | SHLVL=*) ;;
      *) printf '%s\0' "$entry" ;;
    esac
  done <"$root/image"
}

# port PORT: shows a port of the network of commands without one on the loopback of the whole sandbox, where the place looks.
verb_port() {
  local tries
  if [[ ! -e $root/separate ]]; then return; fi
  perl -MSocket -e 1 2>/dev/null || { echo 'The image has no perl, which shows a port of a sandbox. Install it in the image (OMOIOS_SANDBOX_IMAGE, or the setting sandbox of the project).' >&2; return 80; }
  setsid perl -MSocket -e '
    my ($script, $port) = @ARGV;
    socket(my $all, PF_INET, SOCK_STREAM, 0) or die;
    setsockopt($all, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($all, pack_sockaddr_in($port, INADDR_LOOPBACK)) && listen($all, 128) or exit;
    $SIG{CHLD} = sub { 1 while waitpid(-1, 1) > 0 };
    while (1) {
      accept(my $one, $all) or next;
      if (!fork) {
        close $all;
        open(STDIN, "<&", $one) && open(STDOUT, ">&", $one) && close $one;
        exec "bash", "--norc", $script, $port;
      }
      close $one;
    }' "$here/port.sh" "$1" </dev/null >/dev/null 2>&1 &
  for ((tries = 0; tries < 100; tries++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.02
  done
  echo "Port $1 cannot be shown." >&2
  return 80
}

verb_separate() { [[ -e $root/separate ]]; }

# exec SECONDS FOLDER MEMORY PROCESSES FILE PROGRAM ARGUMENT...: of the output one byte more than the limit is kept.
verb_exec() {
  local seconds=$1 folder=$2 pipe=$answer.pipe reader program watcher code
  load_environment
  enter_network none || return
  mkfifo "$pipe"
  head -c $((exec_limit + 1)) <"$pipe" &
  reader=$!
  limit "$3" "$4" "$5"
  shift 5
  "${entered[@]}" setsid "${as_user[@]}" env -i -C "$workspace/$folder" "${environment[@]}" "$@" <&0 >"$pipe" &
  program=$!
  (
    exec 8<> <(:)
    read -r -t "$seconds" -u 8
    : >"$answer.late"
    bash "$here/end.sh" $program 0
    kill -KILL $reader
  ) >/dev/null 2>&1 &
  watcher=$!
  # The shell says nothing of its end.
  disown $watcher
  wait $program
  code=$?
  wait $reader 2>/dev/null
  kill -KILL $watcher 2>/dev/null
  rm -f "$pipe"
  if [[ -e $answer.late ]]; then rm -f "$answer.late" && return 124; fi
  return $code
}

# file VERB PATH: by the agent's own rights, so that a link leads to nothing that its commands could not reach.
verb_file() {
  "${as_user[@]}" env -i PATH="$PATH" LC_ALL=C bash --norc "$here/files.sh" "$workspace" "$root/staging" "$@"
}

# write PATH NAME: a file that a tool wrote is work, also where it looks like litter
verb_write() { verb_file write "$1" && printf '%s\0' "$2" >>"$platform/edited"; }

# settle 1 after a set-up, settle '' without one
verb_settle() {
  local patterns
  if [[ ! $1 ]]; then rm -f "$platform/unsettled" && return; fi
  patterns=$(git_here settle) || return
  if [[ $patterns ]]; then "${as_user[@]}" bash -c 'cat >>"$1/.git/info/exclude"' bash "$workspace" <<<"$patterns"; fi
}
verb_settled() { [[ ! -e $platform/unsettled ]]; }
verb_refused() { if [[ -e $platform/refused ]]; then cat "$platform/refused"; fi; }

verb_tree() { git_here tree; }

# checkpoint PARENT REF MESSAGE
verb_checkpoint() {
  plain_git cat-file -e "$1^{commit}" 2>/dev/null || return 82
  git_here checkpoint "$@"
}

# take SHA PACK: objects that this sandbox lacks
verb_take() { plain_git index-pack --stdin --fix-thin <"$2" >/dev/null && rm -f "$2" && plain_git cat-file -e "$1"; }
verb_has() { plain_git cat-file -e "$1" 2>/dev/null; }

# pack SHA KNOWN...: the objects of a commit or tree that a repository with the known commits lacks
verb_pack() {
  local known=()
  if (($# > 1)); then known=("${@:2}"); fi
  printf '%s\n' "$1" "${known[@]/#/^}" | plain_git pack-objects -q --revs --thin --stdout --delta-base-offset
}

# export BASE REF MESSAGE ACCESS: the agent's commits, and one of what it left uncommitted
verb_export() {
  local base=$1 ref=$2 message=$3 tree head
  local own=("${as_user[@]}" timeout 120 env -i -C "$workspace") agent_git
  load_environment
  own+=("${environment[@]}")
  agent_git=(git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c commit.gpgSign=false)
  rm -f "$platform/bundle"
  if [[ $4 == read_write ]]; then
    tree=$(git_here tree) || return
    enter_network none || return
    "${entered[@]}" "${own[@]}" bash -c 'tree=$1; shift; "$@" read-tree "$tree" && { "$@" diff --cached --quiet && "$@" update-index -q --refresh || "$@" commit --quiet --no-verify -m "$0"; }' \
      "$message" "$tree" "${agent_git[@]}" >/dev/null 2>&1
    head=$("${entered[@]}" "${own[@]}" "${agent_git[@]}" rev-parse --verify 'HEAD^{commit}' 2>/dev/null)
    if [[ $head && $head != "$base" ]]; then
      "${entered[@]}" "${own[@]}" "${agent_git[@]}" bundle create --quiet - HEAD "^$base" >"$platform/bundle" 2>/dev/null ||
        rm -f "$platform/bundle"
    fi
  fi
  git_here adopt "$base" "$ref" "$message"
  local code=$?
  rm -f "$platform/bundle"
  return $code
}

# tools NAME ARGUMENTS NAME ARGUMENTS...: path and version output of each program that answers, as fields that NUL ends
verb_tools() {
  load_environment
  "${as_user[@]}" env -i "${environment[@]}" bash -c 'cd
    while (($#)); do
      if at=$(command -v "$1") && said=$(timeout 20 "$1" $2 2>&1 </dev/null); then printf "%s\0" "$1" "$at" "$said"; fi
      shift 2
    done' bash "$@"
}
