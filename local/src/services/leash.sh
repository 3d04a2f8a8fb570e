# Runs a program that must not outlive the process that started it.
#
# usage: sh -c <this> leash GRACE_TENTHS PROGRAM [ARGUMENT...]
#
# Standard input is a pipe whose other end only that process holds, and writes nothing into. When the
# pipe closes, because the process let go of it or died, however it died, everything in this process
# group is asked to end (SIGTERM) and after the grace killed. This shell is the group's leader, and
# ends when the program does, with its status.

exec 3<&0
grace_tenths=$1
shift

"$@" 3<&- </dev/null &
program=$!

# Only after the program was started, for it would inherit this: what follows must survive its own
# signal to the group.
trap '' TERM INT HUP

(
  read -r _ <&3
  kill -TERM 0
  while [ "$grace_tenths" -gt 0 ] && kill -0 "$program" 2>/dev/null; do
    sleep 0.1
    grace_tenths=$((grace_tenths - 1))
  done
  kill -KILL 0
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-

# Some shells report there that the program was terminated, as they were told to.
wait "$program" 2>/dev/null
status=$?
kill -KILL "$watcher" 2>/dev/null
# What the program started and left behind.
kill -TERM 0
exit "$status"
