#!/bin/sh
# The key is printed in two halves, each of which is a piece of output of its own.
until_there() { while [ ! -e "$1" ]; do sleep 0.05; done; }
half=${BELLHOP_PARAM_key%????}
echo "first line"
printf 'with %s' "$half"
until_there "$1.1"
printf '%s in it\n' "${BELLHOP_PARAM_key#"$half"}"
until_there "$1.2"
echo "last line"
