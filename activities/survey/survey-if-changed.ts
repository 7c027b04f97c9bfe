import type { Project } from '#prisma/store/projects.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Services } from '../ports/services.ts';
import { fingerprintOf, lookAt } from './look.ts';

/**
 * Starts a survey of the project where there is none, and where a file or setting that the last one read has changed
 * since. `sha` is the newest commit of the default branch. The work that asks for it continues meanwhile.
 */
export async function surveyIfChanged(services: Services, project: Project, sha: string): Promise<void> {
  const { store, workflows, config, log } = services;
  if (!config.survey.automatic) return;
  try {
    const survey = await store.surveys.find(project.organization_id, project.id);
    if (survey?.base_sha === sha && survey.state !== 'surveying') return;
    if (survey?.state === 'surveying' && (await workflows.isRunning(workflowId.survey(project.id)))) return;
    if (
      survey &&
      survey.state !== 'surveying' &&
      (await fingerprintOf(services, project, sha, await lookAt(services, project, sha))) === survey.fingerprint
    )
      return;
    await workflows.survey({ organization_id: project.organization_id, project_id: project.id });
  } catch (error) {
    // The work does not depend on it: without a survey, its checks are compared with a run at its own base.
    log.warn({ project_id: project.id, error: String(error) }, 'the survey of a project could not be started');
  }
}
