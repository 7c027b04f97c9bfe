import * as environment from '../contracts/environment.ts';
import { projectStats } from '../contracts/project-stats.ts';
import * as contracts from '../contracts/projects.ts';
import { route } from '../http/define-route.ts';
import * as surveys from '../usecases/environment.ts';
import * as stats from '../usecases/project-stats.ts';
import { projectBranches } from '../usecases/base-branch.ts';
import * as usecases from '../usecases/projects.ts';

export const projectRoutes = [
  route(contracts.listProjects, ({ query }, call) => usecases.listProjects(call, query)),
  route(contracts.createProject, ({ body }, call) => usecases.createProject(call, body)),
  route(contracts.getProject, ({ params }, call) => usecases.getProject(call, params.id)),
  route(contracts.projectBranches, async ({ params, query }, { services, organization_id }) =>
    projectBranches(services, await services.store.projects.get(organization_id, params.id), query.search),
  ),
  route(contracts.updateProject, ({ params, body }, call) => usecases.updateProject(call, params.id, body)),
  route(contracts.listProjectChanges, ({ params, query }, call) => usecases.listProjectChanges(call, params.id, query)),
  route(projectStats, ({ params }, call) => stats.projectStats(call, params.id)),
  route(contracts.getQueue, ({ params }, call) => usecases.getQueue(call, params.id)),
  route(environment.getEnvironment, ({ params }, call) => surveys.getEnvironment(call, params.id)),
  route(environment.surveyProject, ({ params }, call) => surveys.surveyProject(call, params.id)),
  route(environment.cancelSurvey, ({ params }, call) => surveys.cancelSurvey(call, params.id)),
];
