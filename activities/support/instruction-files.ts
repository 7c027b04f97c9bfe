import path from 'node:path';
import { instructionText, type Opening } from '#workflows/domain/agent/opening.ts';
import type { RepositoriesPort } from '../ports/repositories.ts';

type Instructions = Opening['instructions'];

/** Characters of all instruction files at the root of a project. */
const rootLength = 32 * 1024;
const importDepth = 5;

/** The first of these that exists is read. */
const rootNames = ['AGENTS.md', 'CLAUDE.md'];
const copilot = '.github/copilot-instructions.md';
const cursorRules = '.cursor/rules/';

const rules =
  /(^|\/)(AGENTS\.md|CLAUDE\.md|\.cursorrules|package\.json|Makefile|justfile|tox\.ini|pytest\.ini|setup\.cfg|pyproject\.toml|Cargo\.toml|go\.mod|\.gitlab-ci\.yml|(jest|vitest|playwright|eslint)\.config\.\w+)$|^\.cursor\/rules\/|^\.github\/(workflows\/|copilot-instructions\.md$)/;

/** Whether a file instructs agents or decides how the project is checked. */
export const decidesRules = (file: string): boolean => rules.test(file);

/** Paths of the files that a text imports by lines or words such as `@docs/style.md`. */
function importsOf(file: string, text: string): string[] {
  const plain = text.replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...plain.matchAll(/(?:^|\s)@((?:\.{1,2}\/)?[\w./-]+\.\w+)/g)]
    .map(([, name = '']) => path.posix.normalize(path.posix.join(path.posix.dirname(file), name)))
    .filter((name) => !name.startsWith('..') && !path.posix.isAbsolute(name));
}

/** The instructions at the root of a project, with the files that they import, at one commit. */
export async function rootInstructions(
  repositories: Pick<RepositoriesPort, 'readFiles' | 'listFiles'>,
  projectId: string,
  sha: string,
): Promise<Instructions> {
  const { paths: cursor } = await repositories.listFiles(projectId, sha, { prefix: cursorRules, limit: 50 });
  const own = await repositories.readFiles(projectId, sha, [...rootNames, copilot, ...cursor]);
  const root = rootNames.find((name) => own.has(name));
  const found = new Map<string, string | undefined>();
  for (const name of [root, ...cursor, copilot]) if (name && own.has(name)) found.set(name, own.get(name));
  let fresh = [...found.keys()];
  for (let depth = 0; depth < importDepth && fresh.length > 0; depth += 1) {
    const wanted = fresh.flatMap((name) => importsOf(name, found.get(name) ?? '')).filter((name) => !found.has(name));
    if (wanted.length === 0) break;
    const read = await repositories.readFiles(projectId, sha, [...new Set(wanted)]);
    for (const [name, text] of read) found.set(name, text);
    fresh = [...read.keys()];
  }
  let left = rootLength;
  const instructions: Instructions = [];
  for (const [name, text] of found) {
    if (left <= 0) break;
    const shown = instructionText(text, left);
    left -= shown.length;
    instructions.push({ path: name, text: shown });
  }
  return instructions;
}
