import type { Opening } from '#workflows/domain/agent/opening.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { environmentNotes } from '#workflows/domain/survey/environment-notes.ts';
import { fromTop } from '#workflows/domain/survey/state.ts';
import type { Services } from '../ports/services.ts';
import { rootInstructions } from '../support/instruction-files.ts';
import { projectCommands } from '../project/project-commands.ts';

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
 * The description of the code in an agent's opening message, read from commits and never from a working copy: the map,
 * the commands, and the project's instruction files.
 * @param text what the run is to do: it decides which files of a large repository the map shows.
 */
export async function baseline(
  services: Pick<Services, 'repositories' | 'store'>,
  organizationId: string,
  projectId: string,
  { code_sha: sha, instructions_sha: instructionsSha }: { code_sha: string; instructions_sha: string },
  text: string,
): Promise<Pick<Opening, 'baseline' | 'instructions'>> {
  const { repositories } = services;
  const [survey, map, commands, files, submodules, instructions] = await Promise.all([
    services.store.surveys.find(organizationId, projectId),
    repositories.map(projectId, sha, text),
    projectCommands(services, organizationId, projectId, instructionsSha),
    repositories.readFiles(projectId, sha, ['.gitattributes']),
    repositories.submodules(projectId, sha),
    rootInstructions(repositories, projectId, instructionsSha),
  ]);
  return {
    baseline: {
      map: map.text,
      environment: environmentNotes({
        date: new Date().toISOString().slice(0, 10),
        network: commands.network,
        roots: survey?.roots ?? [],
      }),
      commands: [...commands.setup, ...commands.checks.map(({ path, command }) => fromTop(path, command))],
      notes: notesOf(submodules, files.get('.gitattributes')),
    },
    instructions,
  };
}
