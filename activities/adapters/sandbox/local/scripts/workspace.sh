#!/bin/bash
# workspace.sh checkout BASE BRANCH OBJECTS FILES | settle | others | tree | checkpoint PARENT REF MESSAGE | adopt BASE REF MESSAGE
# The platform's git on a workspace: the project's mirror as repository, an index of the platform's own, and the
# agent's files as nothing but files. Their .git, nested ones too, is never read: git would run what it names.
# Of what commands made, sift.sh says what is work. Takes GIT_DIR, GIT_WORK_TREE, PLATFORM (working folder), KEEP (a ref of this sandbox), AGENT_UID (may be empty).
set -euo pipefail
shopt -s inherit_errexit
umask 022
export GIT_INDEX_FILE=$PLATFORM/index
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 GIT_NO_REPLACE_OBJECTS=1 HOME=/nonexistent LC_ALL=C
export GIT_AUTHOR_NAME=OmoiOS GIT_AUTHOR_EMAIL=platform@omoios.invalid GIT_COMMITTER_NAME=OmoiOS GIT_COMMITTER_EMAIL=platform@omoios.invalid
here=${0%/*}
. "$here/sift.sh"
git=(git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.attributesFile=/dev/null
  -c core.excludesFile="$PLATFORM/exclude" -c core.safecrlf=false
  -c core.untrackedCache=false -c core.bigFileThreshold=32m -c gc.auto=0 -c maintenance.auto=false
  -c submodule.recurse=false -c checkout.workers=0 -c safe.directory='*')
cd "$GIT_WORK_TREE"

# One at a time. What git left locked when it was killed is nobody's then.
take_turn() {
  exec 5>"$PLATFORM/lock"
  flock 5
  if [[ -e $PLATFORM/index.lock ]]; then rm -f "$PLATFORM/index.lock"; fi
}

checkout() {
  local base=$1 as_agent=()
  if [[ -e $PLATFORM/done ]]; then return; fi
  if [[ $AGENT_UID ]]; then as_agent=(setpriv "--reuid=$AGENT_UID" "--regid=$AGENT_UID" --clear-groups); fi
  # Bundles need what the workspace began with to be reachable.
  "${git[@]}" update-ref "$KEEP" "$base"
  "${as_agent[@]}" bash --norc -euo pipefail -c ". '$here/sift.sh'; $(declare -p git); $(declare -f files refs_of_mirror); files \"\$@\"" files "$@"
  "${git[@]}" ls-files -s -z | { grep -z '^160000 ' || true; } >"$PLATFORM/gitlinks"
  : >"$PLATFORM/unsettled"
  : >"$PLATFORM/done"
}

# The refs that a clone would have: the default branch, the branches of origin and the tags, without a remote to fetch from.
refs_of_mirror() {
  local own=$1 main found
  main=$("${git[@]}" symbolic-ref HEAD 2>/dev/null || true)
  echo '# pack-refs with: '
  "${git[@]}" for-each-ref --format='%(objectname) %(refname)' refs/remotes/origin/ refs/omoios/tags/ |
    sed 's| refs/omoios/tags/| refs/tags/|'
  found=$("${git[@]}" rev-parse --verify --quiet "$main" || true)
  # A branch in the place of a folder of the own branch's name cannot be a ref beside it.
  if [[ $found && "$own/" != "$main/"* && "$main/" != "$own/"* ]]; then printf '%s %s\n' "$found" "$main"; fi
}

# As the agent's user: the files (those of the commit FILES, on a branch at BASE), and a repository with that branch
# checked out that borrows the mirror's objects.
files() {
  local base=$1 branch=$2 objects=$3 branch_file=.git/refs/heads/$2
  "${git[@]}" read-tree --reset -u "$4"
  write_exclude
  mkdir -p .git/objects/info .git/objects/pack .git/refs/tags .git/info "${branch_file%/*}"
  printf 'ref: refs/heads/%s\n' "$branch" >.git/HEAD
  printf '%s\n' "$base" >"$branch_file"
  refs_of_mirror "refs/heads/$branch" | LC_ALL=C sort -k2 >.git/packed-refs
  if [[ -e $GIT_DIR/HEAD ]]; then
    mkdir -p .git/refs/remotes/origin
    sed 's|refs/heads/|refs/remotes/origin/|' "$GIT_DIR/HEAD" >.git/refs/remotes/origin/HEAD
  fi
  cp "$PLATFORM/exclude" .git/info/exclude
  printf '%s\n' "$objects" >.git/objects/info/alternates
  printf '%s\n' '[core]' 'repositoryformatversion = 0' 'filemode = true' 'bare = false' 'logallrefupdates = true' \
    'checkStat = minimal' '[gc]' 'auto = 0' '[user]' 'name = OmoiOS agent' 'email = agent@omoios.invalid' >.git/config
  if [[ -e $GIT_DIR/shallow ]]; then cp "$GIT_DIR/shallow" .git/shallow; fi
  # With its time: by it git tells which files may have changed after they were looked at, in the same second.
  cp -p "$GIT_INDEX_FILE" .git/index
}

# Submodules keep their entry while their folder is there, whatever fills it: the project's commit of them is not the
# agent's to change.
index_submodules() {
  local entry path
  while IFS= read -r -d '' entry; do
    path=${entry#*$'\t'}
    if [[ -d $path && ! -L $path ]]; then printf '%s\0' "$entry"; else printf '0 %040d\t%s\0' 0 "$path"; fi
  done <"$PLATFORM/gitlinks" | "${git[@]}" update-index --replace -z --index-info
}

# The files in a folder with a .git of its own, which git would take for a submodule.
list_nested() {
  local nested=${1%/} up rules=() entry
  up=./$nested
  while [[ $up == */* ]]; do
    up=${up%/*}
    if [[ -f $up/.gitignore ]]; then rules+=(-X "$PWD/$up/.gitignore"); fi
  done
  (cd -- "$nested" && GIT_WORK_TREE=$PWD GIT_INDEX_FILE=$PLATFORM/none "${git[@]}" ls-files -z -o --exclude-standard "${rules[@]}") |
    while IFS= read -r -d '' entry; do
      if [[ $entry == */ ]]; then list_nested "$nested/$entry"; else printf '%s\0' "$nested/$entry"; fi
    done
}

list_changes() {
  local how path changed
  "${git[@]}" diff-files -z --name-status --ignore-submodules=all >"$PLATFORM/changed" &
  changed=$!
  list_others || return
  wait $changed || return
  exec 6>"$PLATFORM/removed" 7>"$PLATFORM/modified"
  while IFS= read -r -d '' how && IFS= read -r -d '' path; do
    # A folder in a file's place would be added as a submodule if it had a .git.
    if [[ $how == D || (-d $path && ! -L $path) ]]; then printf '%s\0' "$path" >&6; else printf '%s\0' "$path" >&7; fi
  done <"$PLATFORM/changed"
  exec 7>"$PLATFORM/new"
  while IFS= read -r -d '' path; do
    if [[ $path == */ ]]; then list_nested "$path" >&7; else printf '%s\0' "$path" >&7; fi
  done <"$PLATFORM/others"
  exec 6>&- 7>&-
}

add_list() {
  "${git[@]}" update-index --add --remove --replace -z --stdin
}

# Adds what can be added of a list: git gives up a whole one for a single file that vanished or may not be read.
add_what_can_be() {
  local half=$(($# / 2))
  (($# > 0)) || return 0
  printf '%s\0' "$@" | add_list 2>"$PLATFORM/errors" && return
  if grep -qE 'No space left|quota exceeded' "$PLATFORM/errors"; then
    cat "$PLATFORM/errors" >&2
    return 1
  fi
  (($# > 1)) || return 0
  add_what_can_be "${@:1:half}" && add_what_can_be "${@:half+1}"
}

# Every step says "|| return": a function tried with || runs without errexit.
index_files() {
  local add=$1 added
  list_changes || return
  sift || return
  if [[ -s $PLATFORM/removed ]]; then "${git[@]}" update-index --force-remove -z --stdin <"$PLATFORM/removed" || return; fi
  if [[ -s $PLATFORM/entries ]]; then "${git[@]}" update-index -z --index-info <"$PLATFORM/entries" || return; fi
  if [[ $add == whole ]]; then
    [[ ! -s $PLATFORM/added ]] || add_list <"$PLATFORM/added"
  else
    mapfile -d '' -t added <"$PLATFORM/added"
    add_what_can_be "${added[@]}"
  fi
}

# Git keeps times to the second: a file changed again within the one it was read in, with its size and time as before,
# would pass for unchanged. Entries of files that young lose what git compares, so that the next listing reads them.
distrust_young() {
  local since=$1 changed path
  [[ -s $PLATFORM/added ]] || return 0
  { xargs -0 -r stat --printf '%Z %n\0' -- <"$PLATFORM/added" 2>/dev/null || true; } |
    while IFS=' ' read -r -d '' changed path; do if ((changed >= since)); then printf '%s\0' "$path"; fi; done >"$PLATFORM/young"
  [[ -s $PLATFORM/young ]] || return 0
  xargs -0 "${git[@]}" --literal-pathspecs ls-files -s -z -- <"$PLATFORM/young" | "${git[@]}" update-index -z --index-info
}

# Writes the tree of the files. They may change meanwhile: a listing that was overtaken is made again.
write_tree() {
  local began=$EPOCHSECONDS
  if [[ -s $PLATFORM/gitlinks ]]; then index_submodules; fi
  index_files whole 2>/dev/null || index_files parts
  tree=$("${git[@]}" write-tree)
  distrust_young "$began"
}

# Keeps under the ref, and prints, a commit of the tree on the parent: the parent itself when nothing differs, or what
# the ref holds already when an earlier try of the same came that far.
keep_commit() {
  local parent=$1 ref=$2 message=$3 found sha
  found=$(printf '%s\n' "$parent^{tree}" "$ref^{tree}" "$ref^1" "$ref^{commit}" | "${git[@]}" cat-file --batch-check='%(objectname)')
  mapfile -t found <<<"$found"
  if [[ ${found[0]} == "$tree" ]]; then
    sha=$parent
  elif [[ ${found[1]} == "$tree" && ${found[2]} == "$parent" ]]; then
    sha=${found[3]}
  else
    sha=$("${git[@]}" commit-tree "$tree" -p "$parent" -F - <<<"$message")
  fi
  if [[ ${found[3]} != "$sha" ]]; then "${git[@]}" update-ref "$ref" "$sha"; fi
  echo "$sha $tree"
}

# Takes the commits of the agent's bundle into the mirror and sets `brought` to its head. A bundle is a few lines, an
# empty one, and a pack; the pack is read by itself because a fetch from a bundle checks no objects.
take_bundle() {
  local base=$1 line lines brought_to=
  exec 8<"$PLATFORM/bundle" || return
  for ((lines = 0; lines < 1000; lines++)); do
    read -r -n 4096 line <&8 && [[ $line ]] || break
    if [[ $line =~ ^([0-9a-f]{40,64})\ HEAD$ ]]; then brought_to=${BASH_REMATCH[1]}; fi
  done
  [[ $brought_to ]] || return
  "${git[@]}" index-pack --stdin --fix-thin --strict <&8 >/dev/null || return
  "${git[@]}" merge-base --is-ancestor "$base" "$brought_to" || return
  "${git[@]}" rev-list --objects --quiet "$brought_to" --not "$base" || return
  brought=$brought_to
}

adopt() {
  local base=$1 ref=$2 message=$3 brought=
  if [[ -s $PLATFORM/bundle ]]; then take_bundle "$base" >&2 || true; fi
  # What was tested are the files: where the agent's commits tell another tale, a commit on top sets it right.
  keep_commit "${brought:-$base}" "$ref" "$message"
}

verb=$1
shift
take_turn
case $verb in
  checkout)
    checkout "$@"
    ;;
  settle)
    settle
    ;;
  others)
    # Also ignored ones, whole folders as one entry. NUL cannot travel in an argument or in captured output.
    "${git[@]}" ls-files -z -o --directory | base64 -w0
    ;;
  tree)
    write_tree
    echo "$tree"
    ;;
  checkpoint)
    write_tree
    keep_commit "$@"
    ;;
  adopt)
    write_tree
    adopt "$@"
    ;;
esac
