#!/bin/sh
# Inside the sandbox, as the image's user: starts what the image starts, asks it for something, looks at what it may do, and ends it. A JSON object for each finding.
say() { printf '{"what":"%s","status":%d,"text":%s}\n' "$1" "$2" "$(node -e 'console.log(JSON.stringify(require("node:fs").readFileSync(0, "utf8")))')"; }
node "$ENTRYPOINT" up --json >/tmp/up.out 2>/tmp/up.err &
up=$!
tries=0
until [ -s /tmp/up.out ] || [ $tries -ge 600 ] || ! kill -0 $up 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
cat /tmp/up.out /tmp/up.err | say up $(( tries >= 600 ))
node -e "$HEALTH" >/tmp/health 2>&1; status=$?; say health $status </tmp/health
node "$ENTRYPOINT" run core.local "cmd=id -u; touch /opt/bellhop/x /etc/x /usr/x 2>&1; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; touch /tmp/x && echo tmp" --json >/tmp/run 2>&1; status=$?
say run $status </tmp/run
kill -TERM $up; wait $up; status=$?
cat /tmp/up.err | say stop $status
