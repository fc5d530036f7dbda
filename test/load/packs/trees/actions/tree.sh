#!/bin/sh
# Five processes: this one, two children, a grandchild, and one in a session of its own. The stubborn ones ignore SIGTERM: what a shell ignores, all that it starts ignores.
pids=$1
if [ "$2" = stubborn ]; then trap '' TERM INT HUP; fi
echo $$ >>"$pids"
sleep 1000 &
echo $! >>"$pids"
sh -c 'echo $$ >>"$1"; sleep 1000 & echo $! >>"$1"; wait' child "$pids" &
setsid sh -c 'echo $$ >>"$1"; exec sleep 1000' stray "$pids" &
wait
