#!/bin/bash
# driver.sh ARGUMENTS INPUT
# Answers one call of the platform inside a sandbox on another machine. ARGUMENTS are the verb and its arguments, ended by
# NUL and encoded in base64; so is INPUT, unless it is "@FILE" or "-" for none. Prints "omoios EXIT BYTES FILE", what was
# written to stderr, the output, and "end": an answer without that line was cut off. Of a large output only the file is named.
umask 022
here=${0%/*}
root=${here%/scripts/*}
if ((EUID)); then exec sudo -n bash "$0" "$@"; fi
export LC_ALL=C
workspace=/workspace home=/home/agent spool=$root/spool platform=$root/platform jobs=$root/jobs
inline=262144 exec_limit=8388608
mapfile -d '' -t arguments < <(base64 -d <<<"$1")
answer=$spool/$BASHPID.$RANDOM$RANDOM
case $2 in
  -) input=/dev/null ;;
  @*) input=${2#@} ;;
  *) input=$answer.in && base64 -d <<<"$2" >"$input" ;;
esac
. "$here/calls.sh"

verb=${arguments[0]}
if [[ $verb != @(create|made) && ! -e $root/done ]]; then
  exit_code=81
else
  ("verb_$verb" "${arguments[@]:1}") <"$input" >"$answer" 2>"$answer.err"
  exit_code=$?
fi
# What a shell says from here on, such as that it tries a fork again, would stand within the answer.
exec 2>/dev/null
if [[ -s $answer ]]; then bytes=$(stat -c %s "$answer"); else bytes=0; fi
if ((bytes > inline)); then
  chown --reference="$spool" "$answer"
  # What callers that ended left there.
  find "$spool" -type f -mmin +15 -delete
  file=$answer
else
  file=-
fi
echo "omoios $exit_code $bytes $file"
if [[ -s $answer.err ]]; then head -c 16384 "$answer.err" | base64 -w0; fi
echo
if [[ $file == - && $bytes != 0 ]]; then base64 -w0 "$answer"; fi
echo
echo end
done=("$answer.err")
if [[ $file == - ]]; then done+=("$answer"); fi
if [[ $input == "$spool"/* ]]; then done+=("$input"); fi
rm -f "${done[@]}"
