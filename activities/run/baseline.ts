import { instructionText, type Opening } from '#workflows/domain/agent/opening.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Services } from '../ports/services.ts';
import { projectCommands } from '../project/project-check.ts';
import { repositoryMap } from './repository-map.ts';

const instructionLength = 32 * 1024;

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
 * the map, the commands, and the project's instruction files (AGENTS.md, else CLAUDE.md).
 * @param text what the run is to do: it decides which files of a large repository the map shows.
 */
export async function baseline(
  services: Pick<Services, 'repositories' | 'store'>,
  organizationId: string,
  projectId: string,
  sha: string,
  text: string,
): Promise<Pick<Opening, 'baseline' | 'instructions'>> {
  const { repositories } = services;
  const names = ['AGENTS.md', 'CLAUDE.md'];
  const [map, commands, files, submodules] = await Promise.all([
    repositoryMap(repositories, projectId, sha, text),
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
      map: map.text,
      commands: [...commands.setup, ...commands.checks],
      notes: notesOf(submodules, files.get('.gitattributes')),
    },
    instructions,
  };
}
