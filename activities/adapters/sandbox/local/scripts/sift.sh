# sift.sh, sourced by workspace.sh
# Decides which of the files that differ are work. Left out are: litter of tools that .gitignore does not name, what the
# project's set-up made, files that differ only by the conversion of line ends, and changes under a filter that is not
# installed. Lists are in $PLATFORM, their entries end in NUL: `modified` and `new` come in, `added` and `entries` (for
# update-index --index-info) go out. `start` is the index of the first files.

# Folders and files that tools leave behind. A folder with files that the project tracks is none of them.
litter_folders=(__pycache__ node_modules bower_components .pytest_cache .mypy_cache .ruff_cache .hypothesis .tox .nox
  .venv .eggs '*.egg-info' .ipynb_checkpoints htmlcov .nyc_output .parcel-cache .turbo .svelte-kit .gradle .cache .npm
  .pnpm-store .dart_tool .terraform)
litter_files=('*.pyc' '*.pyo' '*.class' '*.o' .coverage '.coverage.*' .eslintcache .stylelintcache '*.tsbuildinfo'
  'npm-debug.log*' 'yarn-error.log' .DS_Store Thumbs.db)
# A folder that holds one of these is a cache or a report, whatever its name.
marks='(^|/)(CACHEDIR\.TAG|pyvenv\.cfg|coverage/(lcov\.info|coverage-final\.json|clover\.xml|cobertura-coverage\.xml|lcov-report/index\.html|tmp/coverage-[^/]*\.json|\.last_run\.json))$'

from_start() { GIT_INDEX_FILE=$PLATFORM/start "${git[@]}" --literal-pathspecs ls-files "$@"; }
quoted_pattern() { sed 's/[][*?\\]/\\&/g' <<<"$1"; }
none='0 0000000000000000000000000000000000000000'

# The list of litter ranks below every .gitignore. Run when the index holds the first files.
write_exclude() {
  local names folder part rest
  names=$(IFS='|' && sed 's/\./\\./g; s/\*/[^\/]*/g' <<<"${litter_folders[*]}")
  printf '%s/\n' "${litter_folders[@]}" >"$PLATFORM/exclude"
  printf '%s\n' "${litter_files[@]}" >>"$PLATFORM/exclude"
  { "${git[@]}" ls-files -z | grep -zE "(^|/)($names)/" || true; } | sed -z 's|/[^/]*$||' | sort -zu |
    while IFS= read -r -d '' rest; do
      rest+=/ folder=
      while [[ $rest ]]; do
        part=${rest%%/*} rest=${rest#*/} folder+=/$part
        if [[ $part =~ ^($names)$ && $folder != *$'\n'* ]]; then printf '!%s/\n' "$(quoted_pattern "$folder")"; fi
      done
    done | sort -u >>"$PLATFORM/exclude"
  if "${git[@]}" ls-files -z | grep -zE '(^|/)\.gitattributes$' >/dev/null; then : >"$PLATFORM/attributes"; fi
  cp -p "$GIT_INDEX_FILE" "$PLATFORM/start"
}

# Files without an index entry. Folders that turn out to be caches join the list of litter, and leave the index.
list_others() {
  local mark folder found=
  "${git[@]}" ls-files -z -o --exclude-standard >"$PLATFORM/others" || return
  [[ -s $PLATFORM/others && -e $PLATFORM/exclude ]] || return 0
  grep -zE "$marks" "$PLATFORM/others" >"$PLATFORM/marks" || return 0
  while IFS= read -r -d '' mark; do
    folder=${mark%/*}
    if [[ $mark =~ ^((.*/)?coverage)/ ]]; then folder=${BASH_REMATCH[1]}; fi
    if [[ $folder == "$mark" || $folder == *$'\n'* || $(from_start -- "$folder/" | head -c 1) ]]; then continue; fi
    printf '/%s/\n' "$(quoted_pattern "$folder")" >>"$PLATFORM/exclude"
    "${git[@]}" --literal-pathspecs ls-files -z -- "$folder/" | "${git[@]}" update-index --force-remove -z --stdin
    found=1
  done <"$PLATFORM/marks"
  if [[ $found ]]; then "${git[@]}" ls-files -z -o --exclude-standard >"$PLATFORM/others"; fi
}

# Keeps what the files are like after the set-up, once, before the agent begins. Prints patterns of the new ones, for the
# agent's own list of ignored files.
settle() {
  local path
  [[ -e $PLATFORM/unsettled ]] || return 0
  list_changes
  sort -zu "$PLATFORM/new" >"$PLATFORM/setup-new"
  sort -zu "$PLATFORM/removed" >"$PLATFORM/setup-removed"
  : >"$PLATFORM/setup-modified"
  while IFS= read -r -d '' path; do
    if [[ -f $path && ! -L $path ]]; then
      printf '%s %s\0' "$("${git[@]}" hash-object --no-filters -- "$path")" "$path" >>"$PLATFORM/setup-modified"
    fi
  done <"$PLATFORM/modified"
  rm -f "$PLATFORM/unsettled"
  if (($(tr -cd '\0' <"$PLATFORM/setup-new" | wc -c) > 2000)); then return; fi
  while IFS= read -r -d '' path; do
    if [[ $path != *$'\n'* ]]; then printf '/%s\n' "$(quoted_pattern "$path")"; fi
  done <"$PLATFORM/setup-new"
}

sift() {
  : >"$PLATFORM/entries"
  : >"$PLATFORM/edited-sorted"
  if [[ -s $PLATFORM/edited ]]; then sort -zu "$PLATFORM/edited" >"$PLATFORM/edited-sorted" || return; fi
  sift_setup || return
  if [[ -s $PLATFORM/edited-sorted ]]; then keep_edited || return; fi
  : >"$PLATFORM/added"
  : >"$PLATFORM/refused"
  [[ -s $PLATFORM/modified || -s $PLATFORM/new ]] || return 0
  cat "$PLATFORM/modified" "$PLATFORM/new" >"$PLATFORM/added" || return
  sift_attributes
}

# Leaves out the files of `$1` that the set-up left as list `$2` says and that no tool of the agent has edited.
without() {
  comm -z -23 "$PLATFORM/$2" "$PLATFORM/edited-sorted" >"$PLATFORM/left" &&
    sort -z "$PLATFORM/$1" | comm -z -23 - "$PLATFORM/left" >"$PLATFORM/kept" && mv "$PLATFORM/kept" "$PLATFORM/$1"
}

sift_setup() {
  local entry path
  if [[ -s $PLATFORM/setup-new && -s $PLATFORM/new ]]; then without new setup-new || return; fi
  if [[ -s $PLATFORM/setup-removed && -s $PLATFORM/removed ]]; then without removed setup-removed || return; fi
  if [[ -s $PLATFORM/setup-modified && -s $PLATFORM/modified ]]; then
    while IFS= read -r -d '' entry; do
      path=${entry#* }
      if [[ -f $path && ! -L $path && $("${git[@]}" hash-object --no-filters -- "$path") == "${entry%% *}" ]]; then
        printf '%s\0' "$path"
      fi
    done <"$PLATFORM/setup-modified" | sort -zu >"$PLATFORM/untouched"
    without modified untouched || return
    comm -z -23 "$PLATFORM/untouched" "$PLATFORM/edited-sorted" |
      while IFS= read -r -d '' path; do from_start -s -z -- "$path"; done >>"$PLATFORM/entries"
  fi
}

# A file that a tool of the agent wrote is work also where its name is one of litter.
keep_edited() {
  local source pattern path
  "${git[@]}" check-ignore -z -v --stdin <"$PLATFORM/edited-sorted" >"$PLATFORM/ignored" || true
  while IFS= read -r -d '' source && IFS= read -r -d '' && IFS= read -r -d '' pattern && IFS= read -r -d '' path; do
    if [[ $source == "$PLATFORM/exclude" && $pattern != '!'* && -f $path ]]; then printf '%s\0' "$path"; fi
  done <"$PLATFORM/ignored" >>"$PLATFORM/new"
}

# Whether the file is what the first one looks like in a working tree.
as_at_start() { "${git[@]}" cat-file --filters --path="$1" "$2" | cmp -s - "./$1"; }

# Whether the first file itself would change if it was added: its attributes contradict its content.
is_contrary() { [[ $("${git[@]}" cat-file --filters --path="$1" "$2" | "${git[@]}" hash-object --stdin --path="$1") != "$2" ]]; }

# Whether the file is as its filter stores it, such as one that a merge brought: then nothing has to run.
is_stored_form() {
  case $1 in
    lfs) [[ $(head -c 60 -- "$2" | tr -d '\0') == 'version https://git-lfs.github.com/spec/'* ]] ;;
    git-crypt) printf '\0GITCRYPT\0' | cmp -s -n 10 - "./$2" ;;
    *) false ;;
  esac
}

sift_attributes() {
  local facts filters i path filter converts entry sha mode
  [[ -e $PLATFORM/start && -s $PLATFORM/added ]] || return 0
  if grep -zE '(^|/)\.gitattributes$' "$PLATFORM/added" >/dev/null; then : >"$PLATFORM/attributes"; fi
  [[ -e $PLATFORM/attributes ]] || return 0
  "${git[@]}" check-attr -z --stdin text eol ident working-tree-encoding <"$PLATFORM/added" >"$PLATFORM/facts" || return
  mapfile -d '' -t facts <"$PLATFORM/facts"
  # The project says which files a filter stores. Attributes that the agent wrote may name any filter, and none runs.
  GIT_INDEX_FILE=$PLATFORM/start "${git[@]}" check-attr --cached -z --stdin filter <"$PLATFORM/added" >"$PLATFORM/facts" || return
  mapfile -d '' -t filters <"$PLATFORM/facts"
  for ((i = 0; i < ${#facts[@]}; i += 12)); do
    path=${facts[i]} filter=${filters[i / 4 + 2]} converts=
    case $filter in unspecified | unset | set) filter= ;; esac
    case ${facts[i + 2]}.${facts[i + 5]} in set.* | input.* | unspecified.lf | unspecified.crlf) converts=1 ;; esac
    if [[ ${facts[i + 8]} == set || ${facts[i + 11]} != @(unspecified|unset) ]]; then converts=1; fi
    if [[ (! $filter && ! $converts) || -L $path || ! -f $path ]]; then
      printf '%s\0' "$path" >&6
      continue
    fi
    # "mode id stage", without the path.
    entry=$(from_start -s -z -- "$path" | head -c 49) sha=${entry#* } sha=${sha%% *}
    if [[ $filter ]]; then
      if [[ $entry ]] && as_at_start "$path" "$sha"; then
        printf '%s\t%s\0' "$entry" "$path" >&7
      elif is_stored_form "$filter" "$path"; then
        printf '%s\0' "$path" >&6
      else
        printf '%s\0%s\0' "$path" "$filter" >>"$PLATFORM/refused"
        if [[ $entry ]]; then printf '%s\t%s\0' "$entry" "$path" >&7; else printf '%s\t%s\0' "$none" "$path" >&7; fi
      fi
    elif [[ $entry ]] && is_contrary "$path" "$sha"; then
      if ! as_at_start "$path" "$sha"; then sha=$("${git[@]}" hash-object -w --no-filters -- "$path") || continue; fi
      mode=100644
      if [[ -x $path ]]; then mode=100755; fi
      printf '%s %s 0\t%s\0' "$mode" "$sha" "$path" >&7
    else
      printf '%s\0' "$path" >&6
    fi
  done 6>"$PLATFORM/plain" 7>>"$PLATFORM/entries"
  mv "$PLATFORM/plain" "$PLATFORM/added"
}
