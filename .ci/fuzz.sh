#!/usr/bin/env bash
# Sends made-up requests to every operation of server/openapi.json, as a signed-in user, on a stack of its own. Fails for
# an answer of 5xx, a status that the description does not name, and a body that does not fit its schema.
# More arguments go to schemathesis, such as --include-path-regex '^/api/v1/tasks'.
set -uo pipefail
version=4.32.5
tools="${XDG_CACHE_HOME:-$HOME/.cache}/omoios/schemathesis-$version"
if [ ! -x "$tools/bin/st" ]; then
  python3 -m venv "$tools" && "$tools/bin/pip" install -q --disable-pip-version-check "schemathesis==$version" ||
    { rm -rf "$tools"; echo 'schemathesis cannot be installed: it needs python3 with venv, and PyPI.'; exit 1; }
fi

data="$(mktemp -d)"
export OMOIOS_ENV=test OMOIOS_SERVER_WEB=none OMOIOS_DATA_DIR="$data/omoios" PORT=3421 TEMPORAL_PORT=7421 TEMPORAL_UI_PORT=8421
api="http://127.0.0.1:$PORT/api/v1"
node scripts/setup.mjs start >"$data/start.log" 2>&1 &
stack=$!
stop() {
  kill -INT "$stack" 2>/dev/null
  wait "$stack"
  rm -rf "$data"
}
trap stop EXIT
for _ in $(seq 240); do
  grep -q 'OmoiOS is ready' "$data/start.log" && break
  kill -0 "$stack" 2>/dev/null || { cat "$data/start.log"; exit 1; }
  sleep 0.5
done

send() { curl -sS -H 'content-type: application/json' "${@:3}" -d "$2" "$api$1"; }
person='{"email":"fuzzer@example.test","password":"Correct-horse-7"}'
send /auth/register "$person" >/dev/null
token="$(send /auth/login "$person" | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')" || exit 1
send /organizations '{"name":"Fuzz","slug":"fuzz"}' -H "authorization: Bearer $token" >/dev/null

# A sign-out would end the session of all requests after it.
(cd "$data" && timeout 360 "$tools/bin/st" run "$OLDPWD/server/openapi.json" --url "http://127.0.0.1:$PORT" \
  --header "Authorization: Bearer $token" --exclude-path /api/v1/auth/logout \
  --phases fuzzing --max-examples 12 --seed 20261126 --workers 2 --no-shrink --continue-on-failure \
  --suppress-health-check all --request-timeout 20 --warnings off \
  --checks not_a_server_error,status_code_conformance,response_schema_conformance \
  --report junit --report-junit-path "$data/report.xml" "$@")
code=$?
python3 - "$data/report.xml" "$code" <<'COUNT'
import sys, xml.etree.ElementTree as tree
try:
    cases = tree.parse(sys.argv[1]).getroot().iter('testcase')
    bad = [case.find('failure') is not None or case.find('error') is not None for case in cases]
except (OSError, tree.ParseError):
    bad = []
failed = sum(bad) or int(sys.argv[2] != '0')
print(f'{len(bad) - sum(bad)} passed, {failed} failed')
COUNT
exit "$code"
