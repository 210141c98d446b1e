#!/bin/sh
# Ends a trainer whose worker died without doing so, such as by SIGKILL: two trainers must not work on one job.
# $1: the process group. It reads one line from the worker; where the pipe ends without one, the worker is gone.
read -r word
[ "$word" = over ] || kill -s KILL -- "-$1" 2>/dev/null
