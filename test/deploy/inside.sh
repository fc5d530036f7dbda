#!/bin/sh
# Inside the sandbox, as the image's user: starts what the image starts, asks it for something, looks at what it may do, and ends it. Then the same with its parts apart,
# as compose has them. A JSON object for each finding.
say() { printf '{"what":"%s","status":%d,"text":%s}\n' "$1" "$2" "$(node -e 'console.log(JSON.stringify(require("node:fs").readFileSync(0, "utf8")))')"; }
bellhop() { node "$ENTRYPOINT" "$@"; }
# FILE PID: until `up` has printed what runs, the process is gone, or a minute has passed.
await() {
  tries=0
  until grep -q '"parts"' "$1" || [ $tries -ge 600 ] || ! kill -0 "$2" 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
  grep -q '"parts"' "$1"
}
looks="id -u; touch /opt/bellhop/x /etc/x /usr/x 2>&1; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; touch /tmp/x && echo tmp"

node "$ENTRYPOINT" up --json >/tmp/up.out 2>/tmp/up.err &
up=$!
await /tmp/up.out $up; status=$?; cat /tmp/up.out /tmp/up.err | say up $status
node -e "$HEALTH" >/tmp/health 2>&1; status=$?; say health $status </tmp/health
bellhop run core.local "cmd=$looks" --json >/tmp/run 2>&1; status=$?; say run $status </tmp/run
kill -TERM $up; wait $up; status=$?; say stop $status </tmp/up.err

apart=/var/lib/bellhop/apart
mkdir -p $apart/runner
bellhop nats users --out $apart/credentials >$apart/users.conf 2>/dev/null
sed "s|store_dir: .*|store_dir: \"$apart/nats\" }|" /usr/local/bin/nats.conf >$apart/nats.conf
nats-server --config $apart/nats.conf --addr 127.0.0.1 --port "$NATS_PORT" --http_port "$NATS_HTTP" >/tmp/nats.out 2>&1 &
nats=$!
export NATS_URL="nats://127.0.0.1:$NATS_PORT"
BELLHOP_FOLDER=$apart/home BELLHOP_CREDENTIALS=$apart/credentials node "$ENTRYPOINT" up --runners 0 --json >/tmp/home.out 2>/tmp/home.err &
home=$!
await /tmp/home.out $home; status=$?; cat /tmp/home.out /tmp/home.err /tmp/nats.out | say apart $status
cp $apart/home/key $apart/runner/key
BELLHOP_HTTP= BELLHOP_FOLDER=$apart/runner BELLHOP_CREDENTIALS=$apart/credentials/runner.nk node "${ENTRYPOINT%/cli/*}/runner/src/main.ts" 2>/tmp/runner.err &
runner=$!
BELLHOP_FOLDER=$apart/home BELLHOP_CREDENTIALS=$apart/credentials bellhop run core.local "cmd=$looks" --json >/tmp/apart.run 2>&1; status=$?
cat /tmp/apart.run /tmp/runner.err | say apart-run $status
kill -TERM $runner $home; wait $runner; one=$?; wait $home; two=$?
cat /tmp/home.err /tmp/runner.err | say apart-stop $((one + two))
kill -TERM $nats; wait $nats
exit 0
