import { messageWithId } from '#workflows/domain/agent/user-message.ts';
import type * as contracts from '../contracts/program.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requireAgent } from './model-gateway.ts';

/** The messages for the agent that a program in the sandbox of the run has to give it. Whether it got them, the gateway sees. */
export async function pendingMessages({ services, organization_id }: Call, id: string) {
  const run = await services.store.runs.get(organization_id, id);
  const rows = await services.store.messages.undelivered(run.id);
  return {
    messages: rows.map((row) => ({ id: row.id, text: messageWithId(row) })),
    returns: run.status !== 'running' || run.loop?.program?.returns === true,
  };
}

/** Sessions of the runs that this one continues come before its own. `after`: number of the run, and position in it. */
export async function readSession(
  { services, organization_id }: Call,
  id: string,
  { after }: Query<typeof contracts.readSession>,
) {
  const { store } = services;
  const run = await store.runs.get(organization_id, id);
  const chain = await store.programTurns.sessionChain(run);
  const [at = 0, position = 0] = (after ?? '').split('.').map(Number);
  const own = await store.programTurns.sessionPage(run, position);
  const page = chain[at] === run.id ? own : await store.programTurns.sessionPage({ id: chain[at] ?? run.id }, position);
  const next = page.next !== null ? `${at}.${page.next}` : at + 1 < chain.length ? `${at + 1}.0` : null;
  return {
    // The program names its session after the run that began it.
    session_id: chain[0] ?? run.id,
    entries: page.entries,
    stored: own.stored,
    next,
  };
}

export async function appendSession(call: Call, id: string, { from, entries }: Body<typeof contracts.appendSession>) {
  requireAgent(call);
  const run = await call.services.store.runs.get(call.organization_id, id);
  return { stored: await call.services.store.programTurns.appendSession(run, from, entries) };
}
