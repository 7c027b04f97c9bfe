import type { Project } from '#prisma/store/projects.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { cancelSurveyUpdate } from '#workflows/contracts/survey.ts';
import { launchSpec } from '../contracts/specs.ts';
import type { Call } from '../http/context.ts';
import { retryingOf } from './retrying.ts';
import { toEnvironmentView } from './views.ts';

/** What is known about a project's repository. Without a survey, the state is none. */
export async function getEnvironment({ services, organization_id }: Call, id: string) {
  const survey = await services.store.surveys.find(organization_id, id);
  return toEnvironmentView(survey, survey && (await retryingOf(services, workflowId.survey(id), survey)));
}

/** Whether the caller may launch work: a survey runs commands of the repository as a launch does. */
const mayLaunch = ({ actor, organization_id }: Call): boolean =>
  actor.is_super_admin ||
  grants(actor.grants.find((grant) => grant.organization_id === organization_id)?.permissions ?? [], launchSpec.auth);

/** Starts the survey of a project. A survey that may not or cannot be started now is started with the first work. */
export async function surveyIfAutomatic(call: Call, { id, organization_id }: Project): Promise<void> {
  if (!call.services.config.survey.automatic || !mayLaunch(call)) return;
  try {
    const { workflows } = await call.door(id);
    await workflows.survey({ organization_id, project_id: id });
  } catch (error) {
    call.services.log.warn({ project_id: id, error: String(error) }, 'the survey of a project could not be started');
  }
}

export async function surveyProject({ services, organization_id }: Call, id: string) {
  await services.store.projects.get(organization_id, id);
  await services.workflows.survey({ organization_id, project_id: id });
  return { state: 'surveying' as const };
}

export const cancelSurvey = ({ services, actor }: Call, id: string) =>
  services.workflows.update(workflowId.survey(id), cancelSurveyUpdate, { actor: actor.email });
