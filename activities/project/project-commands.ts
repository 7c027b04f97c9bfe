import type { CheckPurpose, SurveyedCheck } from '#workflows/domain/survey/environment.ts';
import { fromTop, isKnown, isSetUp } from '#workflows/domain/survey/state.ts';
import type { Services } from '../ports/services.ts';
import { lookAt } from '../survey/look.ts';
import type { SetupCommands } from './setup-key.ts';

/** A check of a project, which runs in its folder. */
export interface ProjectCheckCommand {
  command: string;
  /** Folder of the root, relative to the repository; '' is the repository itself. */
  path: string;
  purpose: CheckPurpose;
  /** What the survey knows of it; undefined for a check that the survey has not tried. */
  recorded: SurveyedCheck | undefined;
}

/** Set-up commands as they run at the top of the repository. */
export interface ProjectCommands extends SetupCommands {
  checks: ProjectCheckCommand[];
  /** Set-up commands of the folders that a survey of this commit could not set up. */
  hopeless: string[];
}

/**
 * The commands that set up and check a project at a commit: from its settings, otherwise from its files. A survey adds
 * what it knows of each. Checks that it could not bring to an end are left out; before there is a survey, only tests
 * are run.
 */
export async function projectCommands(
  services: Pick<Services, 'repositories' | 'store'>,
  organizationId: string,
  projectId: string,
  sha: string,
): Promise<ProjectCommands> {
  const project = await services.store.projects.get(organizationId, projectId);
  const [survey, { roots }] = await Promise.all([
    services.store.surveys.find(organizationId, projectId),
    lookAt(services, project, sha),
  ]);
  const recorded = (path: string, command: string) =>
    survey?.roots.find((root) => root.path === path)?.checks.find((check) => check.command === command);
  const checks = roots.flatMap(({ path, checks: own }) =>
    own.map(({ command, purpose }) => ({ command, path, purpose, recorded: recorded(path, command) })),
  );
  const failing = (survey?.base_sha === sha ? survey.roots : []).filter((root) => !isSetUp(root));
  return {
    setup: roots.flatMap(({ path, setup }) => setup.map(({ command }) => fromTop(path, command))),
    hopeless: failing.flatMap(({ path, setup }) => setup.map((command) => fromTop(path, command))),
    checks: checks.filter((check) => (check.recorded ? isUseful(check.recorded) : check.purpose === 'test')),
    network: project.settings.network ?? 'setup',
  };
}

/** A check that the survey has not reached yet may be useful. */
const isUseful = (check: SurveyedCheck) => isKnown(check) || (check.state === 'not_run' && check.purpose === 'test');
