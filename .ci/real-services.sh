# Sourced. `real_services_start` starts PostgreSQL with pgvector, Redis and stripe-mock of its own, on free ports of this
# machine, in a temporary folder, and exports TEST_DATABASE_URL, TEST_REDIS_URL and STRIPE_MOCK_URL; `real_services_stop`
# ends them. No program of ours reads these names by itself.
# PRISM and GITHUB_DESCRIPTION name the program and the file by which requests to GitHub are checked. As root on Debian it
# installs what is missing; elsewhere it says what to install.

pgvector_version=v0.8.6
stripe_mock_version=v0.203.0
# Later ones need Node 24.
prism_version=5.14.2
github_description_version=23.0.2
real_services_cache="${XDG_CACHE_HOME:-$HOME/.cache}/omoios"
real_services_dir=''
real_services_pids=()

real_services_say() { printf 'real services: %s\n' "$*" >&2; }

# PostgreSQL refuses to run as root.
real_services_as=()
[ "$(id -u)" -ne 0 ] || real_services_as=(setpriv --reuid nobody --regid nogroup --clear-groups --)

real_services_pg_bin() {
  local bin
  for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(pg_config --bindir 2>/dev/null)" /opt/homebrew/opt/postgresql*/bin; do
    [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] && { echo "$bin"; return 0; }
  done
  return 1
}

real_services_apt() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    real_services_say "missing: $*. Install them."
    return 1
  fi
  # Debian would make and start a cluster of its own.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  real_services_say "installing $*"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$real_services_dir/apt.log" 2>&1 ||
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$real_services_dir/apt.log" 2>&1; } ||
    { tail -n 20 "$real_services_dir/apt.log" >&2; return 1; }
}

# pgvector from its source, which the Go module proxy serves and checks; what was built once is kept.
real_services_pgvector() {
  local config="$1/pg_config" major source build
  [ -x "$config" ] || config="$(command -v pg_config)"
  [ -f "$("$config" --sharedir)/extension/vector.control" ] && return 0
  major="$("$config" --version | grep -oE '[0-9]+' | head -n 1)"
  build="$real_services_cache/pgvector-$pgvector_version-pg$major"
  if [ ! -f "$build/vector.so" ]; then
    if ! command -v go >/dev/null; then
      real_services_apt "postgresql-$major-pgvector" && return 0
      real_services_say "pgvector is missing, and so is Go, which could fetch its source."
      return 1
    fi
    [ -f "$("$config" --includedir-server)/postgres.h" ] && command -v make >/dev/null && command -v cc >/dev/null || real_services_apt "postgresql-server-dev-$major" make gcc libc6-dev || return 1
    real_services_say "building pgvector $pgvector_version"
    source="$(cd "$real_services_dir" && go mod download -json "github.com/pgvector/pgvector@$pgvector_version" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')"
    [ -d "$source" ] || { real_services_say 'the source of pgvector could not be fetched'; return 1; }
    rm -rf "$build" && mkdir -p "$build" && cp -r "$source/." "$build" && chmod -R u+w "$build" || return 1
    make -s -C "$build" OPTFLAGS='' PG_CONFIG="$config" >"$real_services_dir/pgvector.log" 2>&1 || { tail -n 20 "$real_services_dir/pgvector.log" >&2; rm -rf "$build"; return 1; }
  fi
  make -s -C "$build" install OPTFLAGS='' PG_CONFIG="$config" >"$real_services_dir/pgvector.log" 2>&1 || { tail -n 20 "$real_services_dir/pgvector.log" >&2; return 1; }
}

# stripe-mock checks requests by the description of Stripe's interface. Go builds it; what was built once is kept.
real_services_stripe_mock() {
  local folder="$real_services_cache/stripe-mock-$stripe_mock_version"
  if [ ! -x "$folder/stripe-mock" ]; then
    command -v go >/dev/null || { real_services_say 'Go is missing, which builds stripe-mock.'; return 1; }
    real_services_say "building stripe-mock $stripe_mock_version"
    GOBIN="$folder" go install "github.com/stripe/stripe-mock@$stripe_mock_version" >"$real_services_dir/stripe-mock-build.log" 2>&1 || { tail -n 20 "$real_services_dir/stripe-mock-build.log" >&2; return 1; }
  fi
  echo "$folder/stripe-mock"
}

# GitHub's own description of its interface, and prism, which checks requests and answers by it. Kept once installed.
real_services_github() {
  local folder="$real_services_cache/github-$github_description_version-$prism_version"
  if [ ! -f "$folder/api.github.com.json" ]; then
    real_services_say "fetching GitHub's description $github_description_version and prism $prism_version"
    mkdir -p "$folder" && (cd "$folder" && npm install --silent --no-audit --no-fund --prefix . "@stoplight/prism-cli@$prism_version" &&
      npm pack --silent "@octokit/openapi@$github_description_version" && tar xzf octokit-openapi-*.tgz package/generated/api.github.com.json &&
      rm octokit-openapi-*.tgz && mv package/generated/api.github.com.json .) >"$real_services_dir/github.log" 2>&1 || { tail -n 20 "$real_services_dir/github.log" >&2; return 1; }
  fi
  export PRISM="$folder/node_modules/.bin/prism" GITHUB_DESCRIPTION="$folder/api.github.com.json"
}

real_services_free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# real_services_await NAME COMMAND...
real_services_await() {
  local name="$1" tries
  shift
  for tries in $(seq 100); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  real_services_say "$name does not answer"
  tail -n 20 "$real_services_dir/$name.log" >&2
  return 1
}

real_services_start() {
  local bin major pg_port redis_port stripe_mock stripe_port
  real_services_dir="$(mktemp -d)" && chmod 755 "$real_services_dir" || return 1
  if ! bin="$(real_services_pg_bin)"; then
    major="$(apt-cache search --names-only '^postgresql-[0-9]+$' 2>/dev/null | grep -oE '^postgresql-[0-9]+' | sort -V | tail -n 1)"
    real_services_apt "${major:-postgresql}" && bin="$(real_services_pg_bin)" || return 1
  fi
  command -v redis-server >/dev/null || real_services_apt redis-server || return 1
  real_services_pgvector "$bin" || return 1
  stripe_mock="$(real_services_stripe_mock)" || return 1
  real_services_github || return 1

  mkdir "$real_services_dir/postgresql" "$real_services_dir/redis"
  [ "$(id -u)" -ne 0 ] || chown nobody:nogroup "$real_services_dir/postgresql" "$real_services_dir/redis"
  pg_port="$(real_services_free_port)" redis_port="$(real_services_free_port)" stripe_port="$(real_services_free_port)"
  "${real_services_as[@]}" "$bin/initdb" -D "$real_services_dir/postgresql/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >"$real_services_dir/initdb.log" 2>&1 || { tail -n 20 "$real_services_dir/initdb.log" >&2; return 1; }
  "${real_services_as[@]}" "$bin/postgres" -D "$real_services_dir/postgresql/data" -p "$pg_port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 >"$real_services_dir/postgresql.log" 2>&1 &
  real_services_pids+=($!)
  "${real_services_as[@]}" redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --dir "$real_services_dir/redis" >"$real_services_dir/redis.log" 2>&1 &
  real_services_pids+=($!)
  "$stripe_mock" -http-addr "127.0.0.1:$stripe_port" -https-addr 127.0.0.1: >"$real_services_dir/stripe-mock.log" 2>&1 &
  real_services_pids+=($!)
  export STRIPE_MOCK_URL="http://127.0.0.1:$stripe_port"
  export TEST_DATABASE_URL="postgresql://postgres@127.0.0.1:$pg_port/postgres" TEST_REDIS_URL="redis://127.0.0.1:$redis_port"
  real_services_await postgresql "$bin/pg_isready" -h 127.0.0.1 -p "$pg_port" && real_services_await redis redis-cli -p "$redis_port" ping && real_services_await stripe-mock bash -c "</dev/tcp/127.0.0.1/$stripe_port" || { real_services_stop; return 1; }
  real_services_say "$("$bin/postgres" --version), pgvector ${pgvector_version#v}, $(redis-server --version | cut -d' ' -f1-3)"
}

real_services_stop() {
  local pid
  # PostgreSQL ends at once by QUIT; Redis, which the shell has made deaf to that, by TERM.
  for pid in "${real_services_pids[@]}"; do
    kill -QUIT "$pid" 2>/dev/null
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  real_services_pids=()
  unset TEST_DATABASE_URL TEST_REDIS_URL STRIPE_MOCK_URL PRISM GITHUB_DESCRIPTION
  [ -n "$real_services_dir" ] && rm -rf "$real_services_dir"
  real_services_dir=''
}
