import { instructionText, type Opening } from '#workflows/domain/agent/opening.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Services } from '../ports/services.ts';
import { projectCommands } from '../project/project-check.ts';

const instructionLength = 32 * 1024;

/** The files as a tree of two levels, with the number of files of each folder, in at most 120 lines. */
function twoLevels(paths: string[], total: number): string {
  const lines = new Map<string, number>();
  for (const path of paths) {
    const parts = path.split('/');
    const shown = parts.length <= 2 ? path : `${parts[0]}/${parts[1]}/`;
    lines.set(shown, (lines.get(shown) ?? 0) + 1);
  }
  const list = [...lines].map(([path, n]) => (path.endsWith('/') ? `${path} (${n} files)` : path));
  const cut = list.length > 120 ? [...list.slice(0, 120), `... ${list.length - 120} more entries`] : list;
  return `${cut.join('\n')}\n${total} files`;
}

/** The parts of a repository that the workspace does not have as its owner does. */
function notesOf(submodules: string[], attributes: string | undefined): string[] {
  const listed = submodules.slice(0, 20).map(oneLine).join(', ');
  const filtered = [...(attributes ?? '').matchAll(/^([^#\s]\S*)\s(?:.*\s)?filter=(\S+)/gm)].slice(0, 20);
  return [
    ...(submodules.length > 0
      ? [
          `Submodules, whose folders are empty here: ${listed}. Fill them with the network if you need them; their commit cannot be changed.`,
        ]
      : []),
    ...filtered.map(
      ([, pattern = '', filter = '']) =>
        `${oneLine(pattern)} is under the filter "${oneLine(filter)}" of .gitattributes, which is not installed here: such a file holds what the filter stored (for lfs a pointer), and a change of it is not committed.`,
    ),
  ];
}

/**
 * The description of the code in an agent's opening message, read from its start commit and never from a working copy:
 * the tree, the commands, and the project's instruction files (AGENTS.md, else CLAUDE.md).
 */
export async function baseline(
  services: Pick<Services, 'repositories' | 'store'>,
  organizationId: string,
  projectId: string,
  sha: string,
): Promise<Pick<Opening, 'baseline' | 'instructions'>> {
  const { repositories } = services;
  const names = ['AGENTS.md', 'CLAUDE.md'];
  const [{ paths, total }, commands, files, submodules] = await Promise.all([
    repositories.listFiles(projectId, sha, { limit: 5000 }),
    projectCommands(services, organizationId, projectId, sha),
    repositories.readFiles(projectId, sha, [...names, '.gitattributes']),
    repositories.submodules(projectId, sha),
  ]);
  const name = names.find((known) => files.has(known));
  const instructions: Opening['instructions'] = name
    ? [{ path: name, text: instructionText(files.get(name), instructionLength) }]
    : [];
  return {
    baseline: {
      tree: twoLevels(paths, total),
      commands: [...commands.setup, ...commands.checks],
      notes: notesOf(submodules, files.get('.gitattributes')),
    },
    instructions,
  };
}
