import path from 'node:path';
import { folderInstructions, instructionText } from '#workflows/domain/agent/opening.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../ports/services.ts';
import { decodeText } from '../support/decode-text.ts';
import type { Conversation } from './conversation.ts';

const names = ['AGENTS.md', 'CLAUDE.md'];
const maxLength = 8 * 1024;
const keptCommits = 50;

/** Folders of a path, outermost first. The root is left out, since its instructions are in the first message. */
function foldersOf(file: string): string[] {
  const parts = path.posix
    .dirname(file)
    .split('/')
    .filter((part) => part !== '.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/**
 * Instruction files of nested folders, sent when a file there is first read or edited in an epoch. They are read from
 * a commit from before the work: a file that is written into the workspace must not become an instruction.
 */
export function createNestedInstructions({ repositories }: Pick<Services, 'repositories'>) {
  const known = new Map<string, Set<string>>();

  async function filesAt(projectId: string, sha: string): Promise<Set<string>> {
    const key = `${projectId}:${sha}`;
    const found =
      known.get(key) ??
      new Set(
        (await repositories.listFiles(projectId, sha)).paths.filter((file) =>
          names.includes(path.posix.basename(file)),
        ),
      );
    known.delete(key);
    known.set(key, found);
    const [oldest] = known.keys();
    if (known.size > keptCommits && oldest !== undefined) known.delete(oldest);
    return found;
  }

  /**
   * @param touched files that the turn's calls read or wrote
   * @returns texts for the turn's user message, outermost folder first.
   */
  return async function nestedInstructions(run: Run, conversation: Conversation, touched: string[]): Promise<string[]> {
    const sha = run.settings.instructions_sha ?? run.start_sha ?? run.base_sha;
    const folders = [...new Set(touched.flatMap(foldersOf))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    if (!sha || folders.length === 0) return [];
    const files = await filesAt(run.project_id, sha);
    const texts: string[] = [];
    for (const folder of folders) {
      const file = names.map((name) => `${folder}/${name}`).find((name) => files.has(name));
      if (!file || conversation.hasUserText(folderInstructions(file, ''))) continue;
      const content = await repositories.readFile(run.project_id, sha, file);
      if (content) texts.push(folderInstructions(file, instructionText(decodeText(content), maxLength)));
    }
    return texts;
  };
}
