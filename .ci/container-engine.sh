# Sourced. `container_engine_start` starts Podman's service, which speaks Docker's interface, in a temporary folder, with an
# image of Debian, Git and this machine's Node, and sets `container_engine`: the variables by which the tests of sandboxes
# find both. `container_engine_stop` ends it. As root on Debian it installs what is missing. Where no container runs, such
# as in most containers, it says why and fails.

container_engine_image='localhost/omoios/debian:bookworm'
container_engine_cache="${XDG_CACHE_HOME:-$HOME/.cache}/omoios"
container_engine_dir=''
container_engine_pid=''
container_engine=()

container_engine_say() { printf 'container engine: %s\n' "$*" >&2; }

container_engine_podman() {
  CONTAINERS_CONF="$container_engine_dir/containers.conf" CONTAINERS_STORAGE_CONF="$container_engine_dir/storage.conf" podman "$@"
}

# container_engine_do WHAT COMMAND...: what fails is said with its last line.
container_engine_do() {
  local what="$1"
  shift
  "$@" >"$container_engine_dir/log" 2>&1 && return 0
  container_engine_say "$what: $(tail -n 1 "$container_engine_dir/log" | cut -c1-300)"
  container_engine_stop
  return 1
}

# The files of a small Debian, which are kept once they were fetched.
container_engine_root() {
  local root="$1" packed="$container_engine_cache/debian-bookworm-git.tar"
  mkdir -p "$root" "$container_engine_cache"
  if [ ! -f "$packed" ]; then
    debootstrap --variant=minbase --include=git,ca-certificates bookworm "$root" && tar -C "$root" -cf "$packed.$$" . && mv "$packed.$$" "$packed" || return 1
  else
    tar -C "$root" -xf "$packed" || return 1
  fi
  cp -L "$(command -v node)" "$root/usr/local/bin/node"
}

container_engine_load() { tar -C "$1" -c . | container_engine_podman import - "$container_engine_image"; }

container_engine_apt() {
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@")
  "${install[@]}" || { apt-get update -qq && "${install[@]}"; }
}

# One container with the limits and the kind of network that sandboxes get.
container_engine_try() {
  container_engine_podman network create --internal try &&
    container_engine_podman run --rm --network try --memory 256m --pids-limit 50 "$container_engine_image" true &&
    container_engine_podman network rm try
}

container_engine_start() {
  local socket program tries missing=()
  [ "$(id -u)" -eq 0 ] || { container_engine_say 'it takes root here.'; return 1; }
  container_engine_dir="$(mktemp -d)"
  # Of the two runtimes of containers, crun refuses machines with both versions of cgroups.
  for program in podman runc debootstrap iptables; do command -v "$program" >/dev/null || missing+=("$program"); done
  [ -x /usr/lib/podman/netavark ] || missing+=(netavark)
  if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || { container_engine_say "missing: ${missing[*]}. Install them."; container_engine_stop; return 1; }
    container_engine_do "${missing[*]} cannot be installed" container_engine_apt "${missing[@]}" || return 1
  fi
  cat >"$container_engine_dir/containers.conf" <<END
[containers]
default_ulimits = ["nofile=16384:16384", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_config_dir = "$container_engine_dir/networks"
END
  cat >"$container_engine_dir/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$container_engine_dir/storage"
runroot = "$container_engine_dir/run"
END
  container_engine_do 'the image cannot be made' container_engine_root "$container_engine_dir/root" || return 1
  container_engine_do 'Podman does not take the image' container_engine_load "$container_engine_dir/root" || return 1
  rm -rf "$container_engine_dir/root"
  container_engine_do 'no container runs here' container_engine_try || return 1
  socket="$container_engine_dir/podman.sock"
  # Not by the function: the process of that would be a shell, which leaves Podman behind when it is ended.
  CONTAINERS_CONF="$container_engine_dir/containers.conf" CONTAINERS_STORAGE_CONF="$container_engine_dir/storage.conf" \
    podman system service --time=0 "unix://$socket" >"$container_engine_dir/service.log" 2>&1 &
  container_engine_pid=$!
  for tries in $(seq 100); do [ -S "$socket" ] && break; sleep 0.1; done
  [ -S "$socket" ] || { container_engine_say "Podman's service does not start: $(tail -n 1 "$container_engine_dir/service.log")"; container_engine_stop; return 1; }
  container_engine=(DOCKER_HOST="unix://$socket" OMOIOS_SANDBOX_IMAGE="$container_engine_image")
  container_engine_say "$(podman --version), $(runc --version | head -n 1)"
}

container_engine_stop() {
  if [ -n "$container_engine_pid" ]; then
    container_engine_podman rm -fa -t 0 >/dev/null 2>&1
    kill "$container_engine_pid" 2>/dev/null
    wait "$container_engine_pid" 2>/dev/null
    container_engine_pid=''
  fi
  container_engine=()
  [ -n "$container_engine_dir" ] || return 0
  umount "$container_engine_dir/storage/overlay" 2>/dev/null
  rm -rf "$container_engine_dir"
  container_engine_dir=''
}
