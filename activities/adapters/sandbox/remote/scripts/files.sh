# files.sh WORKSPACE STAGING read|write|stat|list PATH, as the user of commands
# Exit codes: 70 outside, 71 not found, 72 a folder, 73 not a folder, 74 not a file, 75 denied, 77 the disk is full, 78 too large
root=$1 staging=$2 verb=$3 wanted=$4
largest=67108864
umask 022
if [[ $wanted == /* ]]; then path=$wanted; else path=$root/$wanted; fi
IFS= read -r -d '' real < <(readlink -mz -- "$path" 2>/dev/null) || exit 71
if [[ $real != "$root" && $real != "$root"/* ]]; then exit 70; fi
# A loop of links is left as it is.
if [[ -L $real ]]; then if [[ $verb == stat ]]; then exit 0; else exit 71; fi; fi

# A part of the way that is no folder, or a missing one.
missing() {
  local up=$real
  while [[ $up && ! -e $up ]]; do up=${up%/*}; done
  if [[ ! -d $up ]]; then exit 73; fi
  exit 71
}
# The exit code of a program that failed with the message `$1`. What was there a moment ago may be another thing now.
refused() {
  echo "$1" >&2
  case $1 in
    *'No space left'* | *'quota exceeded'*) exit 77 ;;
    *'No such file'* | *'File name too long'* | *'Too many levels'*) exit 71 ;;
    *'Not a directory'*) exit 73 ;;
    *'Is a directory'* | *'cannot overwrite directory'*) exit 72 ;;
    *) exit 75 ;;
  esac
}
exec 3>&1

case $verb in
  read)
    [[ -e $real ]] || missing
    [[ ! -d $real ]] || exit 72
    [[ -f $real ]] || exit 74
    (($(stat -c %s -- "$real" 2>/dev/null || echo 0) <= largest)) || exit 78
    said=$(cat -- "$real" 2>&1 >&3) || refused "$said"
    ;;
  write)
    [[ ! -d $real ]] || exit 72
    [[ ! -e $real || -f $real ]] || exit 74
    if [[ ! -d ${real%/*} ]]; then said=$(mkdir -p -- "${real%/*}" 2>&1) || refused "$said"; fi
    fresh=$staging/$BASHPID.$RANDOM$RANDOM
    said=$(cat 2>&1 >"$fresh") || { rm -f "$fresh"; refused "$said"; }
    if [[ -e $real ]]; then chmod --reference="$real" "$fresh"; else chmod 644 "$fresh"; fi
    said=$(mv -fT -- "$fresh" "$real" 2>&1) || { rm -f "$fresh"; refused "$said"; }
    ;;
  stat)
    [[ -e $real ]] || exit 0
    if [[ -d $real ]]; then kind=directory; elif [[ -f $real ]]; then kind=file; else kind=other; fi
    said=$(stat -c "$kind %s" -- "$real" 2>&1 >&3) || refused "$said"
    ;;
  list)
    [[ -e $real ]] || missing
    [[ -d $real ]] || exit 73
    find "$real" -mindepth 1 -maxdepth 1 -printf '%y %f\0' 2>/dev/null || { [[ ! -d $real ]] || exit 75; exit 71; }
    ;;
esac
