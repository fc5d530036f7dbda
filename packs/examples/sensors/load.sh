#!/bin/sh
# One look: it says something when it became another than it was at the last one. What it remembers is kept by who started it.
read -r hello
read -r load rest < /proc/loadavg
high=$(awk "BEGIN { print ($load > ${BELLHOP_CONFIG_most_load:-4}) ? \"true\" : \"false\" }")

echo '{"get": "high"}'
read -r before
case "$before" in
  *"\"value\":$high"*) exit 0 ;;
esac
echo "{\"trigger\": \"load_changed\", \"payload\": {\"load\": $load, \"high\": $high}}"
read -r answer
echo "{\"set\": \"high\", \"value\": $high}"
read -r answer
echo "load $load: high=$high" >&2
