import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import type { useLoaderData } from '@remix-run/react';
import type { Answer } from '#server/contracts/client.ts';
import { getProject } from '#server/contracts/projects.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { listLinkedTickets } from '#server/contracts/spec-life.ts';
import { getSpec, phaseData, specCoverage, specQuestions } from '#server/contracts/specs.ts';
import { listTasks } from '#server/contracts/tasks.ts';
import { apiFor } from './api.server.ts';
import { runLine, taskLine } from './lines.ts';
import { loadTab, specTabs, tabOf, type TabId } from './spec-tabs.server.ts';

/** Data of a spec's page: the header and aside, and the tab that shows. */
export async function loadSpecPage(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const id = where.params.specId ?? '';
  const spec = await api(getSpec, { params: { id } });
  if (spec.project_id !== where.params.projectId) throw redirect(`/projects/${spec.project_id}/specs/${spec.id}`);
  return specPage(api, spec, tabOf(where.request));
}

/** A spec with everything that its page shows, and the content of one tab. */
export async function specPage(api: ReturnType<typeof apiFor>, spec: Answer<typeof getSpec>, tab: TabId) {
  const { id } = spec;
  const [project, { phases }, questions, runs, tasks, coverage, linked, content] = await Promise.all([
    api(getProject, { params: { id: spec.project_id } }),
    api(phaseData, { params: { id }, query: { brief: 'true' } }),
    api(specQuestions, { params: { id } }),
    api(listRuns, { query: { spec_id: id, limit: 200 } }),
    api(listTasks, { query: { spec_id: id, limit: 200 } }),
    api(specCoverage, { params: { id } }),
    api(listLinkedTickets, { params: { id }, query: { limit: 50 } }),
    loadTab(api, id, tab),
  ]);
  return {
    spec,
    project: { id: project.id, name: project.name, requirement_words: project.settings.requirement_words },
    phases,
    questions,
    runs: runs.items.map(runLine),
    tasks: tasks.items.map(taskLine),
    more_tasks: tasks.next_cursor !== null,
    coverage,
    linked: linked.items.map(({ id: ticket, key, title, status }) => ({ id: ticket, key, title, status })),
    tab,
    tabs: specTabs,
    content,
  };
}

export type SpecPage = ReturnType<typeof useLoaderData<typeof loadSpecPage>>;
