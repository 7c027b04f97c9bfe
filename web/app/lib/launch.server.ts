import { data, type ActionFunctionArgs } from '@remix-run/node';
import { createProject, listProjects, type projectSchema } from '#server/contracts/projects.ts';
import { launchSpec } from '#server/contracts/specs.ts';
import { createTicket } from '#server/contracts/tickets.ts';
import type { z } from 'zod';
import { ApiError } from '#server/contracts/client.ts';
import { apiOf, problemOf } from './api.server.ts';
import { problemsOf } from './field-problem.ts';
import { nightOf } from './night-form.ts';
import { planKinds } from '#workflows/domain/phases/gate-policy.ts';
import { cutStart } from '#workflows/domain/text.ts';

export type Launched =
  { kind: 'spec'; project_id: string; spec_id: string } | { kind: 'ticket'; project_id: string; ticket_id: string };

const text = (form: FormData, name: string) => String(form.get(name) ?? '').trim();
const titleOf = (description: string) => cutStart(description.split('\n')[0] ?? description, 100);

/**
 * Answers with what was launched; the prompt then navigates to it. A redirect from here would be lost: a refresh by the
 * live feed that comes while a fetcher is pending counts as a newer navigation. After a refusal the prompt keeps its text.
 */
export async function launchFromPrompt(where: ActionFunctionArgs) {
  try {
    return { launched: await launch(where), problem: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const problem = { ...problemOf(error), details: problemsOf(error) };
    return data({ launched: null, problem }, { status: error.status || 503 });
  }
}

/** Starts what the form describes. The user's text is sent as it is; its first line is also the title. */
async function launch(where: ActionFunctionArgs): Promise<Launched> {
  const form = await where.request.formData();
  const api = apiOf(where);
  const words = String(form.get('words') ?? '');
  const description = words + form.getAll('attached').join('');
  const key = text(form, 'key') || undefined;
  const repository = text(form, 'repository');
  const chosen = text(form, 'project');
  if (!chosen && !repository)
    throw new ApiError(422, 'invalid_body', 'Choose a project, or name a repository. Nothing was created.', null);
  const projectId = chosen || (await projectOn(where, repository)).id;
  const model = text(form, 'model') || undefined;
  const base = text(form, 'branch') || undefined;
  const amount = text(form, 'budget');
  const budget = amount ? Number(amount) : undefined;
  const night = nightOf(form);
  if (text(form, 'mode') === 'quick') {
    const made = await api(
      createTicket,
      {
        body: {
          project_id: projectId,
          title: titleOf(words),
          description,
          workflow_mode: 'quick',
          force_create: true,
          budget_usd: budget,
          model,
          base_branch: base,
          night,
        },
      },
      { idempotencyKey: key },
    );
    if (!('id' in made)) throw new Error(made.message);
    return { kind: 'ticket', project_id: projectId, ticket_id: made.id };
  }
  const [mode, score] = text(form, 'gates').split('=');
  const policy =
    mode === 'auto_above'
      ? ({ mode, score: Number(score) } as const)
      : ({ mode: mode === 'ask' ? 'ask' : 'auto' } as const);
  const { spec_id: specId } = await api(
    launchSpec,
    {
      body: {
        project_id: projectId,
        title: titleOf(words),
        description,
        gate_policy: policy,
        plan: planKinds.find((kind) => kind === text(form, 'plan')),
        budget_usd: budget,
        model,
        base_branch: base,
        night,
        force: form.get('force') === 'on',
      },
    },
    { idempotencyKey: key },
  );
  return { kind: 'spec', project_id: projectId, spec_id: specId };
}

/** Finds the project of a repository, or creates it at the first launch. */
export async function projectOn(
  where: ActionFunctionArgs,
  repository: string,
): Promise<z.output<typeof projectSchema>> {
  const api = apiOf(where);
  const isUrl = /^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:/.test(repository);
  const { items } = await api(listProjects, { query: { status: 'active', limit: 200 } });
  const known = items.find(
    (project) => (isUrl ? project.repository.url : project.repository.path) === repository.replace(/\/+$/, ''),
  );
  const name =
    repository
      .replace(/\/+$/, '')
      .split(/[/:]/)
      .at(-1)
      ?.replace(/\.git$/, '') || 'project';
  return (
    known ??
    (await api(createProject, { body: { name, repository: isUrl ? { url: repository } : { path: repository } } }))
  );
}
