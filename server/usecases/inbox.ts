import type { InboxItem } from '#prisma/store/inbox.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import {
  askingRun,
  itemActions,
  itemId,
  itemMark,
  itemPage,
  type InboxAction,
  type ItemKind,
} from '#workflows/domain/inbox.ts';
import type { Contract, Body, Query } from '../contracts/contract.ts';
import { restartAgent, terminateAgent } from '../contracts/agents.ts';
import { acknowledgeAlert, resolveAlert } from '../contracts/alerts.ts';
import { approveTicket, rejectTicket } from '../contracts/approvals.ts';
import { acceptHandoff, declineHandoff } from '../contracts/collaboration.ts';
import type * as contracts from '../contracts/inbox.ts';
import { mergePullRequest, requestPullRequestChanges } from '../contracts/pull-requests.ts';
import { approvePullRequest } from '../contracts/reviews.ts';
import { resumeRun, sendMessage } from '../contracts/runs.ts';
import { approvePhase, requestPhaseChanges, retrySpec } from '../contracts/specs.ts';
import { retryTicket } from '../contracts/tickets.ts';
import type { Call } from '../http/context.ts';
import * as agents from './agent-control.ts';
import * as alerts from './alerts.ts';
import * as approvals from './approvals.ts';
import * as collaboration from './collaboration.ts';
import * as pulls from './pull-requests.ts';
import * as retries from './retry.ts';
import * as reviews from './reviews.ts';
import * as runs from './runs.ts';
import * as specs from './specs.ts';
import { at, iso } from './views.ts';

interface Way {
  /** The call that the answer stands for. */
  contract: Contract;
  run: (call: Call, item: InboxItem, text: string, headSha: string | undefined) => Promise<unknown>;
  /** The parts of that call that name the record, where it is not the id of the path. */
  parts?: (item: InboxItem) => { params?: unknown; body?: unknown };
  /** Id of the record in that call, where it is not the item's own. */
  record?: (item: InboxItem) => string;
}

const phaseOf = ({ phase }: InboxItem): string => phase ?? '';

/** How each answer of `itemActions` takes effect. */
const ways: Record<ItemKind, Partial<Record<InboxAction, Way>>> = {
  gate: {
    approve: { contract: approvePhase, run: (call, item) => specs.approvePhase(call, item.id, phaseOf(item)) },
    request_changes: {
      contract: requestPhaseChanges,
      run: (call, item, text) => specs.requestPhaseChanges(call, item.id, phaseOf(item), text),
    },
  },
  spec: {
    retry: {
      contract: retrySpec,
      run: (call, { id }, text) => retries.retrySpec(call, id, text || undefined),
    },
  },
  question: {
    answer: {
      contract: sendMessage,
      record: askingRun,
      run: (call, item, text) => runs.answerQuestion(call, askingRun(item), item.id, text),
    },
  },
  run: { resume: { contract: resumeRun, run: (call, { id }) => runs.resumeRun(call, id, {}) } },
  ticket: { retry: { contract: retryTicket, run: (call, { id }) => retries.retryTicket(call, id) } },
  approval: {
    approve: {
      contract: approveTicket,
      parts: ({ id }) => ({ body: { ticket_id: id } }),
      run: (call, { id }, text) => approvals.approveTicket(call, id, text || undefined),
    },
    reject: {
      contract: rejectTicket,
      parts: ({ id }) => ({ body: { ticket_id: id } }),
      run: (call, { id }, text) => approvals.rejectTicket(call, id, text),
    },
  },
  pull_request: {
    approve: {
      contract: approvePullRequest,
      run: (call, { id }, text, head_sha) =>
        reviews.approvePullRequest(call, id, { head_sha, ...(text ? { comment: text } : {}) }),
    },
    merge: { contract: mergePullRequest, run: (call, { id }) => pulls.mergePullRequest(call, id, {}) },
    request_changes: {
      contract: requestPullRequestChanges,
      run: (call, { id }, text, head_sha) => pulls.requestPullRequestChanges(call, id, { head_sha, comments: text }),
    },
  },
  handoff: {
    accept: { contract: acceptHandoff, run: (call, { id }) => collaboration.answerHandoff(call, id, true) },
    decline: {
      contract: declineHandoff,
      run: (call, { id }, text) => collaboration.answerHandoff(call, id, false, text),
    },
  },
  agent: {
    restart: {
      contract: restartAgent,
      run: (call, { id }, text) => agents.restartAgent(call, id, { force: true, ...(text ? { reason: text } : {}) }),
    },
    terminate: {
      contract: terminateAgent,
      run: (call, { id }, text) => agents.terminateAgent(call, id, text || undefined),
    },
  },
  alert: {
    acknowledge: { contract: acknowledgeAlert, run: (call, { id }) => alerts.acknowledgeAlert(call, id) },
    resolve: { contract: resolveAlert, run: (call, { id }) => alerts.resolveAlert(call, id) },
  },
};

/** What waits, with the time until which the caller does not want to see it. */
async function inboxItems({ services, organization_id, actor }: Call) {
  const [items, until] = await Promise.all([
    services.store.inbox.items(organization_id),
    services.store.notices.snoozes(actor.user_id, organization_id),
  ]);
  return items.map((item) => ({ ...item, snoozed_until: until.get(itemId(item)) ?? null }));
}

export async function listInbox(call: Call, { snoozed }: Query<typeof contracts.listInbox>) {
  const items = await inboxItems(call);
  const shown = items.filter(({ snoozed_until: until }) => snoozed === 'true' || until === null);
  return {
    items: shown.map((item) => ({
      ...item,
      id: itemId(item),
      since: at(item.since),
      actions: Object.keys(itemActions[item.kind]) as InboxAction[],
      link: itemPage(item),
      snoozed_until: iso(item.snoozed_until),
    })),
    snoozed: items.filter(({ snoozed_until: until }) => until !== null).length,
  };
}

/** The action that is meant. @throws invalid_body where the item takes several, or not this one. */
function wayOf(item: InboxItem, action: InboxAction | undefined) {
  const offered = itemActions[item.kind];
  const names = Object.keys(offered) as InboxAction[];
  const chosen = action ?? (names.length === 1 ? names[0] : undefined);
  const [facts, way] = [chosen && offered[chosen], chosen && ways[item.kind][chosen]];
  if (facts && way) return { ...facts, ...way };
  const message = `must be ${names.join(' or ')} for this item`;
  throw new AppError('invalid_body', `action: ${message}.`, [{ field: 'action', message }]);
}

async function itemOf({ services, organization_id }: Call, id: string): Promise<InboxItem | undefined> {
  return (await services.store.inbox.items(organization_id)).find((item) => itemId(item) === id);
}

export async function answerItem(
  call: Call,
  id: string,
  { action, text, head_sha }: Body<typeof contracts.answerItem>,
) {
  const item = await itemOf(call, id);
  if (!item) throw notFound('item of the inbox');
  const way = wayOf(item, action);
  const problem =
    way.text?.needed && !text ? `is needed: ${way.text.means}` : !way.text && text ? 'does not belong here' : undefined;
  if (problem) throw new AppError('invalid_body', `text: ${problem}.`, [{ field: 'text', message: problem }]);
  if (head_sha && !way.of_commit) {
    const message = 'belongs to approve and request_changes of a pull request';
    throw new AppError('invalid_body', `head_sha: ${message}.`, [{ field: 'head_sha', message }]);
  }
  const record = way.record?.(item) ?? item.id;
  const through = await call.through(way.contract, way.parts?.(item) ?? { params: { id: record } });
  await way.run(through, item, text ?? '', head_sha);
  return { status: 'answered' };
}

/**
 * The answer to an item as a person saw it, by its mark. @throws not_found where it does not wait any more, conflict where it
 * has changed since.
 */
export async function answerSeen(call: Call, id: string, mark: string, body: Body<typeof contracts.answerItem>) {
  const item = await itemOf(call, id);
  if (!item) throw notFound('item of the inbox');
  if (itemMark(item) !== mark)
    throw new AppError('conflict', 'It has changed since this message. Look at it before you decide.');
  return answerItem(call, id, body);
}

/** An item that nobody waits for any more is snoozed in vain, and shown as such. */
export async function snoozeItem(call: Call, id: string, { until }: Body<typeof contracts.snoozeItem>) {
  const { services, organization_id, actor } = call;
  if (!(await itemOf(call, id))) throw notFound('item of the inbox');
  const time = until === null ? null : new Date(until);
  await services.store.notices.snooze(actor.user_id, organization_id, id, time);
  return { snoozed_until: iso(time) };
}
