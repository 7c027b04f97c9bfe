import { branchHead } from '#activities/ports/branch-head.ts';
import { codeBase } from '#activities/ports/code-base.ts';
import { requireAbleModel, requireMoney } from '#activities/ports/require-workable.ts';
import type { Asker, ExploreConversation, ExploreMessage } from '#prisma/store/explore.ts';
import type { QuestionInput } from '#workflows/contracts/question.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { AppError, notFound, present } from '#workflows/domain/errors.ts';
import { keyFilesOf } from '#workflows/domain/explore/key-files.ts';
import { suggestQuestions } from '#workflows/domain/explore/suggestions.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Query } from '../contracts/contract.ts';
import { places } from '../contracts/explore.ts';
import type * as contracts from '../contracts/explore.ts';
import type { Call } from '../http/context.ts';
import { at, toPageView } from './views.ts';

/** Lines of a file that are shown at once, and those of them before the wanted one. */
const shownLines = 400;
const linesBefore = 100;

const askerOf = ({ organization_id, actor }: Call, projectId: string): Asker => ({
  organization_id,
  project_id: projectId,
  user_id: actor.user_id,
});

/** The input of the workflow of a question's newest attempt. */
export const questionInput = (row: ExploreMessage): QuestionInput => ({
  organization_id: row.organization_id,
  project_id: row.project_id,
  message_id: row.id,
  attempt: row.attempt,
  run_id: row.run_id,
});

async function viewsOf({ services }: Call, rows: ExploreMessage[]) {
  const runs = await services.store.explore.runsOf(rows);
  return rows.map((row) => {
    const run = runs.get(row.run_id);
    return {
      id: row.id,
      question: row.question,
      status: row.status as 'answering' | 'answered' | 'failed',
      attempt: row.attempt,
      run_id: row.run_id,
      answer: row.answer,
      base_sha: row.base_sha,
      citations: places.parse(row.citations),
      dropped: places.parse(row.dropped),
      error: row.error,
      waits: row.status === 'answering' ? (run?.waiting_reason ?? null) : null,
      cost_micros: run?.cost_micros ?? null,
      created_at: at(row.created_at),
      asked_at: at(row.asked_at),
      ended_at: row.ended_at && at(row.ended_at),
    };
  });
}

const summaryOf = ({ id, title, created_at }: ExploreConversation) => ({ id, title, created_at: at(created_at) });

/** @throws as a launch does: no agent can answer, an unpaid account, a budget with nothing left. */
async function requireAnswerable(call: Call, projectId: string, question: string): Promise<void> {
  const { services, organization_id } = call;
  await requireAbleModel(call, { kind: 'question', title: oneLine(question), description: question });
  // A question is no workflow of the plan, so only an account that pays nothing at all is refused.
  const { reason, message } = await services.store.billing.canStart(organization_id);
  if (reason === 'suspended' && message) throw new AppError('payment_required', message);
  await requireMoney(call, { project_id: projectId });
}

async function begin(call: Call, row: ExploreMessage) {
  await call.services.workflows.startQuestion(questionInput(row));
  const [view] = await viewsOf(call, [row]);
  return present(view, 'the question');
}

export async function startConversation(call: Call, projectId: string, question: string) {
  await requireAnswerable(call, projectId, question);
  const conversation = { id: call.newId('conversation'), title: cutStart(oneLine(question), 120) };
  const asker = askerOf(call, projectId);
  const ids = { id: call.newId('question'), run_id: call.newId('run') };
  await begin(call, await call.services.store.explore.ask(asker, { ...ids, question, conversation }));
  return getConversation(call, projectId, conversation.id);
}

export async function askQuestion(call: Call, projectId: string, conversationId: string, question: string) {
  await requireAnswerable(call, projectId, question);
  const conversation = { id: conversationId };
  const ids = { id: call.newId('question'), run_id: call.newId('run') };
  return begin(
    call,
    await call.services.store.explore.ask(askerOf(call, projectId), { ...ids, question, conversation }),
  );
}

export async function askAgain(call: Call, projectId: string, conversationId: string, messageId: string) {
  const { explore } = call.services.store;
  const asker = askerOf(call, projectId);
  const { messages } = await explore.get(asker, conversationId);
  const known = messages.find(({ id }) => id === messageId);
  if (!known) throw notFound('question');
  await requireAnswerable(call, projectId, known.question);
  return begin(call, await explore.askAgain(asker, conversationId, messageId));
}

export async function getConversation(call: Call, projectId: string, id: string) {
  const { messages, ...row } = await call.services.store.explore.get(askerOf(call, projectId), id);
  return { ...summaryOf(row), messages: await viewsOf(call, messages) };
}

export const listConversations = async (
  call: Call,
  projectId: string,
  page: Query<typeof contracts.listConversations>,
) => toPageView(await call.services.store.explore.list(askerOf(call, projectId), page), summaryOf);

export const deleteConversation = (call: Call, projectId: string, id: string) =>
  call.services.store.explore.delete(askerOf(call, projectId), id);

/** The newest commit of the project that is known. Opening a page fetches nothing. */
async function newestCommit({ services, organization_id }: Call, projectId: string): Promise<string> {
  const project = await services.store.projects.get(organization_id, projectId);
  return branchHead(services, project.id, project.default_branch);
}

export async function keyFiles(call: Call, projectId: string) {
  const sha = await newestCommit(call, projectId);
  const { paths } = await codeBase(call.services.repositories, { project_id: projectId, base_sha: sha });
  return { base_sha: sha, items: keyFilesOf([...paths]) };
}

export async function suggestions(call: Call, projectId: string) {
  const sha = await newestCommit(call, projectId);
  const code = await codeBase(call.services.repositories, { project_id: projectId, base_sha: sha });
  return { base_sha: sha, items: suggestQuestions([...code.paths], code.scripts) };
}

export async function readLines(call: Call, projectId: string, query: Query<typeof contracts.readLines>) {
  const { repositories } = call.services;
  const sha = query.sha ? await repositories.resolve(projectId, query.sha) : await newestCommit(call, projectId);
  const files = sha ? await repositories.readFiles(projectId, sha, [query.path]) : new Map<string, string>();
  if (!sha || !files.has(query.path)) throw notFound('file');
  const text = files.get(query.path);
  if (text === undefined)
    throw new AppError('invalid_rule', `${query.path} is not text, so it has no lines.`, [
      { field: 'path', message: 'must name a file of text' },
    ]);
  const lines = text.replace(/\n$/, '').split('\n');
  const start = Math.max(0, Math.min(query.line - 1 - linesBefore, lines.length - shownLines));
  return {
    path: query.path,
    base_sha: sha,
    first: start + 1,
    total: lines.length,
    text: lines.slice(start, start + shownLines).join('\n'),
  };
}
