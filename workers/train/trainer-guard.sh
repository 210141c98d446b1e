#!/bin/sh
# Ends a trainer whose worker died without doing so, such as by SIGKILL: two trainers must not work on one job.
# $1: the process group, $2: the mark that stands in the variables of all that it started. It reads one line from the
# worker; where the pipe ends without one, the worker is gone.
read -r word
[ "$word" = over ] && exit 0
kill -s KILL -- "-$1" 2>/dev/null
# Launchers such as torchrun give their processes sessions of their own. Twice, for one that was just being started.
for turn in 1 2; do
  for place in /proc/[0-9]*; do
    tr '\0' '\n' 2>/dev/null <"$place/environ" | grep -qx "COTA_TRAINER=$2" && kill -s KILL "${place#/proc/}"
  done 2>/dev/null
done
