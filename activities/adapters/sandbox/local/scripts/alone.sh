#!/bin/bash
# alone.sh PROGRAM ARGUMENT...
# Becomes the program (or, sourced, goes on) with no file open but the first three. Whatever the platform's own parents left open would
# else reach into the sandbox, and an open folder is a way out of it.
for fd in /proc/self/fd/*; do
  fd=${fd##*/}
  if ((fd > 2 && fd != 255)); then eval "exec $fd>&-"; fi
done
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then exec "$@"; fi
