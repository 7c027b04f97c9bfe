import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import { mapCharacters } from '#activities/adapters/repositories/map.ts';
import { environment } from '#activities/services/config.ts';

const commitsEach = 20;
/** Commits of tools say nothing, and a commit of many files is a sweep. */
const byTool = /^(?:bump|build\(deps|chore\(deps)/i;
const largestCommit = 15;

/** How many of the files that past commits changed are in the map made from the commit's message at its parent. */
interface Recall {
  repository: string;
  files: number;
  changed: number;
  in_map: number;
  /** In the beginning of the alphabetical list of paths, as long as the map. */
  in_list: number;
  ms: number;
}

export async function mapRecall(folder: string): Promise<Recall> {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', maxBuffer: 2 ** 29 }).trim();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'omoios-bench-'));
  const repositories = createRepositories({ dataDir, environment });
  await repositories.sync('map', { path: folder }, git('rev-parse', '--abbrev-ref', 'HEAD'));
  const recall: Recall = { repository: folder, files: 0, changed: 0, in_map: 0, in_list: 0, ms: 0 };
  let measured = 0;
  for (const [i, sha] of git('log', '--no-merges', '--format=%H', '-400').split('\n').entries()) {
    const text = git('log', '-1', '--format=%B', sha).replace(/\n(?:Signed-off|Co-authored)-by.*/gi, '');
    const changed = git('diff-tree', '--no-commit-id', '--name-only', '-r', '--diff-filter=M', sha)
      .split('\n')
      .filter(Boolean);
    if (i % 3 !== 0 || changed.length === 0 || changed.length > largestCommit || byTool.test(text)) continue;
    const parent = git('rev-parse', `${sha}~1`);
    const began = performance.now();
    const map = new Set((await repositories.map('map', parent, text)).files);
    recall.ms += performance.now() - began;
    const { paths } = await repositories.listFiles('map', parent);
    let left = mapCharacters;
    const list = new Set(paths.filter((file) => (left -= file.length + 1) >= 0));
    recall.files = paths.length;
    recall.changed += changed.length;
    recall.in_map += changed.filter((file) => map.has(file)).length;
    recall.in_list += changed.filter((file) => list.has(file)).length;
    measured += 1;
    if (measured === commitsEach) break;
  }
  rmSync(dataDir, { recursive: true, force: true });
  return { ...recall, ms: Math.round(recall.ms / measured) };
}
