import path from 'node:path';
import { folderInstructions } from '#workflows/domain/agent/opening.ts';
import type { Services } from '../ports/services.ts';
import type { Conversations } from './conversation.ts';

const names = ['AGENTS.md', 'CLAUDE.md'];
const maxBytes = 8 * 1024;
const keptCommits = 50;

/** Folders of a path, outermost first, without the root: its instructions stand in the first message. */
function foldersOf(file: string): string[] {
  const parts = path.posix.dirname(file).split('/').filter((part) => part !== '.');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/**
 * Instruction files of folders further down, told when a file there is first read or edited in an epoch. They come
 * from the commit the run began at: what the agent or somebody else writes into its workspace orders nobody.
 */
export function createNestedInstructions(services: Pick<Services, 'store' | 'repositories'>, conversations: Conversations) {
  const { store, repositories } = services;
  const known = new Map<string, Set<string>>();

  async function filesAt(projectId: string, sha: string): Promise<Set<string>> {
    const key = `${projectId}:${sha}`;
    const found = known.get(key) ?? new Set((await repositories.listFiles(projectId, sha)).paths.filter((file) => names.includes(path.posix.basename(file))));
    known.delete(key);
    known.set(key, found);
    if (known.size > keptCommits) known.delete(known.keys().next().value as string);
    return found;
  }

  /** @returns what to tell with a turn's user message, outermost folder first. */
  return async function nestedInstructions(runId: string, turn: number): Promise<string[]> {
    const touched = await store.toolCalls.touched(runId, turn - 1);
    if (!touched) return [];
    const files = await filesAt(touched.project_id, touched.sha);
    const folders = [...new Set(touched.paths.flatMap(foldersOf))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    const told: string[] = [];
    for (const folder of folders) {
      const file = names.map((name) => `${folder}/${name}`).find((name) => files.has(name));
      if (!file || (await conversations.hasUserText(runId, touched.epoch, folderInstructions(file, '')))) continue;
      const content = await repositories.readFile(touched.project_id, touched.sha, file);
      if (content) told.push(folderInstructions(file, content.subarray(0, maxBytes).toString('utf8')));
    }
    return told;
  };
}
