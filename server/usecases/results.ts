import type { PageQuery } from '#prisma/store/page.ts';
import type { WorkResult } from '#prisma/store/results.ts';
import type * as contracts from '../contracts/results.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at, iso, toPageView } from './views.ts';

const toResultView = (row: WorkResult) => ({
  id: row.id,
  project_id: row.project_id,
  ticket_id: row.ticket_id,
  task_id: row.task_id,
  run_id: row.run_id,
  result_type: row.result_type,
  summary: row.summary,
  markdown_content: row.markdown,
  status: row.status,
  submitted_by: row.submitted_by,
  judged_by: row.judged_by,
  feedback: row.feedback,
  created_at: at(row.created_at),
  judged_at: iso(row.judged_at),
});

type Content = Pick<Body<typeof contracts.reportResults>, 'markdown_content' | 'result_type' | 'summary'>;

/** Stores a text without known secrets: whoever reports it may have read one. */
async function submit(
  { services, organization_id, actor, newId }: Call,
  place: { project_id: string; ticket_id: string; task_id: string | null },
  { markdown_content, result_type, summary }: Content,
) {
  const { store, redact } = services;
  const row = await store.results.submit({
    id: newId('result'),
    organization_id,
    ...place,
    run_id: actor.agent?.run_id ?? null,
    result_type,
    summary: redact(summary),
    markdown: redact(markdown_content),
    submitted_by: actor.email,
  });
  return toResultView(row);
}

export async function reportResults(call: Call, { task_id, ...content }: Body<typeof contracts.reportResults>) {
  const { id, ticket_id, project_id } = await call.services.store.tasks.get(call.organization_id, task_id);
  return submit(call, { project_id, ticket_id, task_id: id }, content);
}

export async function submitResult(call: Call, { workflow_id, ...content }: Body<typeof contracts.submitResult>) {
  const { id, project_id } = await call.services.store.tickets.get(call.organization_id, workflow_id);
  return submit(call, { project_id, ticket_id: id, task_id: null }, content);
}

const judge = async (
  { services, organization_id, actor }: Call,
  id: string,
  kind: 'task' | 'ticket',
  accepted: boolean,
  feedback: string | undefined,
) =>
  toResultView(
    await services.store.results.judge(organization_id, id, kind, {
      accepted,
      judged_by: actor.email,
      feedback: feedback ?? null,
    }),
  );

export const verifyResult = (call: Call, id: string, { status, feedback }: Body<typeof contracts.verifyResult>) =>
  judge(call, id, 'task', status === 'verified', feedback);

export const validateResult = (call: Call, { result_id, passed, feedback }: Body<typeof contracts.validateResult>) =>
  judge(call, result_id, 'ticket', passed, feedback);

export const taskResults = async ({ services, organization_id }: Call, task_id: string, page: PageQuery) =>
  toPageView(await services.store.results.list(organization_id, { task_id }, page), toResultView);

export const workflowResults = async ({ services, organization_id }: Call, ticket_id: string, page: PageQuery) =>
  toPageView(await services.store.results.list(organization_id, { ticket_id, task_id: null }, page), toResultView);
