import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { RepositoriesPort, RepositoryMap } from '../../ports/repositories.ts';

/** Characters of the map: about 2,000 tokens. */
export const mapCharacters = 7000;
/** Lines of the overview that stands before the files in a repository that does not fit. */
const folderLines = 60;
const commitsRead = 800;
/** A commit of more files says little about each of them. */
const largestCommit = 30;
const wordsSearched = 12;

/** Words of commit messages and tasks that say nothing about the files. */
const common = new Set(
  'the a an and or of to in for on with by from is are be it this that as at not no fix add remove use make when if so we can now new also into more than only its was were will should would could do does did has have had but all any each no some such then there these they their which while who why how what update change support allow test via per out up just about after before between both same without within instead because due since still yet see close'.split(
    ' ',
  ),
);

/** Parts of names and words, without their endings: `parseRequests` has `parse` and `request`. */
function partsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => {
      const stem = word.replace(/(?:ing|ed|es|s)$/, '');
      return stem.length >= 3 ? stem : word;
    })
    .filter((word) => word.length > 1 && !common.has(word) && !/^\d+$/.test(word));
}

/** Each part of a text with its weight: the first line is the title and counts more. */
function weightsOf(text: string): Map<string, number> {
  const weights = new Map(partsOf(text).map((part) => [part, 1]));
  for (const part of partsOf(text.split('\n', 1)[0] ?? '')) weights.set(part, 3);
  return weights;
}

const namesIn = (text: string) => [...new Set(text.match(/[\p{L}_][\p{L}\p{N}_./-]*[\p{L}\p{N}_]/gu) ?? [])];

/** Words to search for in the files, most telling first, each with its weight: names of code before plain words. */
export function wordsToSearch(text: string): Map<string, number> {
  const title = text.split('\n', 1)[0] ?? '';
  const weighted = namesIn(text)
    .filter((name) => /^[\p{L}\p{N}_]{4,}$/u.test(name) && !common.has(name.toLowerCase()))
    .map((name): [string, number] => {
      const isCode = /\p{Ll}\p{Lu}|_|\p{Lu}{2}/u.test(name);
      return [name.toLowerCase(), isCode ? 4 : title.includes(name) ? 1.5 : 0.7];
    });
  return new Map(weighted.sort((a, b) => b[1] - a[1]).slice(0, wordsSearched));
}

interface Evidence {
  /** What is to be done: a title, then a description. */
  text: string;
  paths: string[];
  history: { subject: string; paths: string[] }[];
  found: { word: string; path: string; count: number }[];
}

/**
 * The paths, most likely to matter for the text first. Four signs are added up, rare words counting more: words in
 * paths, words in files, recent changes, and earlier commits that had like subjects or changed the best files as well.
 */
export function rankPaths({ text, paths, history, found }: Evidence): string[] {
  const score = new Map(paths.map((path) => [path, 0]));
  const add = (path: string, value: number) => {
    const known = score.get(path);
    if (known !== undefined) score.set(path, known + value);
  };
  const wanted = weightsOf(text);

  const parts = paths.map((path) => {
    const at = path.lastIndexOf('/') + 1;
    return { path, folder: new Set(partsOf(path.slice(0, at))), file: new Set(partsOf(path.slice(at))) };
  });
  const pathsWith = countEach(parts.map(({ folder, file }) => new Set([...folder, ...file])));
  for (const { path, folder, file } of parts)
    for (const [part, weight] of wanted) {
      const rarity = weight * Math.log(1 + paths.length / (pathsWith.get(part) ?? paths.length));
      if (file.has(part)) add(path, rarity / Math.sqrt(file.size));
      if (folder.has(part)) add(path, rarity / 2 / Math.sqrt(folder.size));
    }
  for (const name of namesIn(text).filter((known) => /[./]/.test(known)))
    for (const path of paths) if (path === name || path.endsWith(`/${name}`)) add(path, 20);

  const weights = wordsToSearch(text);
  const filesWith = countEach(found.map(({ word }) => [word]));
  for (const { word, path, count } of found) {
    const files = filesWith.get(word) ?? 1;
    // A word that is everywhere points nowhere.
    if (files <= paths.length / 4)
      add(path, 0.5 * (weights.get(word) ?? 0) * Math.log(paths.length / files) * Math.log(1 + count));
  }

  const commits = history
    .map(({ subject, paths: changed }, age) => ({ age, changed, subject: new Set(partsOf(subject)) }))
    .filter(({ changed }) => changed.length > 0 && changed.length <= largestCommit);
  const recent = new Map<string, number>();
  const subjectsWith = countEach(commits.map(({ subject }) => subject));
  for (const { age, changed, subject } of commits) {
    for (const path of changed) recent.set(path, (recent.get(path) ?? 0) + 1 / (1 + age / 50));
    let likeness = 0;
    for (const [part, weight] of wanted)
      if (subject.has(part)) likeness += weight * Math.log(1 + commits.length / (subjectsWith.get(part) ?? 1));
    for (const path of changed) add(path, likeness / Math.sqrt(changed.length) / (1 + subject.size / 8));
  }
  for (const [path, weight] of recent) add(path, Math.log(1 + weight));

  const best = new Map([...score].sort((a, b) => b[1] - a[1]).slice(0, 15));
  const highest = Math.max(...best.values(), 1e-9);
  const beside = new Map<string, number>();
  for (const { changed } of commits) {
    const lead = Math.max(...changed.map((path) => best.get(path) ?? 0));
    if (lead > 0 && changed.length <= largestCommit / 2)
      for (const path of changed) beside.set(path, (beside.get(path) ?? 0) + lead / highest);
  }
  for (const [path, times] of beside) add(path, (highest / 2) * Math.min(1, Math.log(1 + times) / 3));
  return [...score].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([path]) => path);
}

function countEach(lists: Iterable<Iterable<string>>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const list of lists) for (const entry of list) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  return counts;
}

/** Paths grouped by folder, one folder a line, as many as fit. Folders follow the order of the paths. */
function grouped(paths: string[], characters: number): { text: string; shown: string[] } {
  const folders = new Map<string, string[]>();
  const shown: string[] = [];
  let left = characters;
  for (const path of paths) {
    const at = path.lastIndexOf('/') + 1;
    const [folder, file] = [path.slice(0, at), oneLine(path.slice(at))];
    left -= file.length + 1 + (folders.has(folder) ? 0 : folder.length + 2);
    if (left < 0) break;
    shown.push(path);
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return {
    text: [...folders].map(([folder, files]) => `${oneLine(folder) || './'} ${files.join(' ')}`).join('\n'),
    shown,
  };
}

/** The folders of two levels with the number of their files. */
function overview(paths: string[]): string {
  const folders = countEach(paths.map((path) => [path.split('/').slice(0, -1).slice(0, 2).join('/') || '.']));
  const lines = [...folders]
    .sort((a, b) => b[1] - a[1])
    .map(([folder, files]) => `${oneLine(folder)}/ (${files} files)`);
  const more = lines.length - folderLines;
  return [...lines.slice(0, folderLines).sort(), ...(more > 0 ? [`... ${more} more folders`] : [])].join('\n');
}

/** The map of a repository for a text. A repository that fits is shown whole. */
export function drawMap(evidence: Evidence): RepositoryMap {
  const { paths } = evidence;
  const whole = grouped(paths, mapCharacters);
  if (whole.shown.length === paths.length) return { text: `${whole.text}\n${paths.length} files`, files: paths };
  const folders = overview(paths);
  const likely = grouped(rankPaths(evidence), mapCharacters - folders.length);
  return {
    text: `${folders}\n${paths.length} files\n\nFiles that the task's words and the repository's history point to, likeliest folder first:\n${likely.text}`,
    files: likely.shown,
  };
}

/** The map of a project's repository at a commit, for work that a text describes. */
export async function repositoryMap(
  repositories: Pick<RepositoriesPort, 'listFiles' | 'recentChanges' | 'occurrences'>,
  projectId: string,
  rev: string,
  text: string,
): Promise<RepositoryMap> {
  const { paths } = await repositories.listFiles(projectId, rev);
  const [history, found] = await Promise.all([
    repositories.recentChanges(projectId, rev, commitsRead),
    repositories.occurrences(projectId, rev, [...wordsToSearch(text).keys()]),
  ]);
  return drawMap({ text, paths, history, found });
}
