#!/bin/sh
# Ends the processes of a stack whose supervisor died without doing so, such as by SIGKILL. It reads from its supervisor:
#   add PID    a process to end
#   late PID   one to end after those, such as Redis
#   gone PID   it has ended
# When the supervisor is gone, the pipe is at its end, and what is left on the lists is ended: SIGTERM, then SIGKILL.
# Each PID leads a process group.
early=
late=
seconds=${1:-25}

without() {
  kept=
  for one in $1; do [ "$one" = "$2" ] || kept="$kept $one"; done
  echo "$kept"
}

end_all() {
  [ -n "$1" ] || return 0
  # shellcheck disable=SC2086 # a list of numbers
  kill -s TERM $1 2>/dev/null
  waited=0
  while [ "$waited" -lt "$seconds" ]; do
    alive=
    for one in $1; do if kill -0 "$one" 2>/dev/null; then alive=yes; fi; done
    [ -n "$alive" ] || break
    sleep 1
    waited=$((waited + 1))
  done
  for one in $1; do kill -s KILL -- "-$one" 2>/dev/null; done
}

while read -r verb pid; do
  case $verb in
    add) early="$early $pid" ;;
    late) late="$late $pid" ;;
    gone)
      early=$(without "$early" "$pid")
      late=$(without "$late" "$pid")
      ;;
  esac
done
end_all "$early"
end_all "$late"
