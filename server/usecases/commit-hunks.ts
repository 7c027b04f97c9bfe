import parser, { type Change } from 'gitdiff-parser';
import { isTest } from '#workflows/domain/explore/key-files.ts';

/** The runs of changed lines in a hunk, which begins at a line of the new file. */
function runsOf(changes: readonly Change[], newStart: number) {
  const runs: { from: number; added: number; removed: number }[] = [];
  let at = newStart;
  let before: Change['type'] = 'normal';
  for (const { type } of changes) {
    if (type !== 'normal' && before === 'normal') runs.push({ from: at, added: 0, removed: 0 });
    const run = runs.at(-1);
    if (run && type === 'insert') run.added += 1;
    if (run && type === 'delete') run.removed += 1;
    if (type !== 'delete') at += 1;
    before = type;
  }
  return runs;
}

/** The changed places of a patch of git: runs of lines of the new files, without the lines around them. */
export function hunksOf(patch: string) {
  if (patch.trim() === '') return [];
  return parser.parse(patch).flatMap(({ oldPath, newPath, hunks }) => {
    const path = newPath === '/dev/null' ? oldPath : newPath;
    return hunks.flatMap(({ changes, newStart }) =>
      runsOf(changes, newStart).map(({ from, added, removed }) => ({
        ...{ path, from_line: from, to_line: from + added - 1 },
        ...{ added, removed, is_test: isTest(path) },
      })),
    );
  });
}
