import { randomUUID } from 'node:crypto';
import { ModelError, type ModelErrorKind, type ModelHooks, type ModelUsage } from '#activities/ports/model.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { CostEntry } from '#prisma/store/recorded-costs.ts';
import { isStopped, stopReason } from '#workflows/domain/agent/night-terms.ts';
import { passedRequestProblem } from '#workflows/domain/agent/passed-request.ts';
import { eventsOf } from '#workflows/domain/agent/program-request.ts';
import { costOf, estimateTokens } from '#workflows/domain/billing/prices.ts';
import { scopeOf, scopesOf } from '#workflows/domain/billing/scopes.ts';
import { shortage } from '#workflows/domain/billing/spent-budget.ts';
import { affordableOutput, estimateTurn } from '#workflows/domain/billing/turn-estimate.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { maxInteger } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { answeredBefore, askedTurnOf, messageOf, programTurnOf } from './program-turns.ts';

/** An error as the Messages API reports it. A client gives up after 400 and 403, and repeats after 429 and 5xx. */
export class WireError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

const invalid = (message: string) => new WireError(400, 'invalid_request_error', message);
const refused = (message: string) => new WireError(403, 'permission_error', message);

/** Milliseconds that a call waits for its permit. */
const permitWaitMs = 60_000;
const renewEveryMs = 30_000;

/** A request of a program in a sandbox. */
export interface PassedRequest {
  body: Record<string, unknown> & { max_tokens: number };
  /** Characters of the body. */
  characters: number;
  /** How long the provider caches the prompt. */
  cache_ttl: '5m' | '1h';
  betas: string[];
}

/** @throws invalid_rule for a person: the money of a run is for its agent. */
export function requireAgent({ actor }: Call): void {
  if (!actor.agent)
    throw new AppError('invalid_rule', 'Only the key of a sandbox asks the model of its run. A person steers the run.');
}

/** Reads the bytes of a body. @throws WireError */
export function readPassedRequest(bytes: unknown, betas: string[]): PassedRequest {
  const text = Buffer.isBuffer(bytes) ? bytes.toString('utf8') : '';
  const body = parsed(text);
  return {
    body: body as PassedRequest['body'],
    characters: text.length,
    cache_ttl: /"ttl"\s*:\s*"1h"/.test(text) ? '1h' : '5m',
    betas,
  };
}

/**
 * Asks the run's model with the key that pays for the run. Money is reserved before the provider is asked, and the cost is
 * recorded before this returns. A process that dies in between leaves the reservation, which `settleLostCalls` charges.
 * @returns the whole message, as the Messages API has it.
 * @throws WireError, as the Messages API refuses a request.
 */
export async function askModelOfRun(call: Call, runId: string, request: PassedRequest, hooks: ModelHooks) {
  const { services, organization_id: organizationId } = call;
  const { store, model, permits, config } = services;
  const full = services.disk.problem();
  if (full) throw new WireError(529, 'overloaded_error', full);
  const run = await runningRun(services, organizationId, runId);
  const turn = askedTurnOf(run, request.body);
  const known = turn && (await answeredBefore(services, run, turn));
  if (known) {
    for (const event of eventsOf(known)) hooks.onEvent?.(event);
    return known;
  }
  const { pauses, night } = await limitsOf(services, run);
  const account = await model.accountOf?.(run, run.provider);
  if (account?.refused) throw refused(account.refused);
  const keyId = account?.key?.id ?? null;
  const paused = pauses.find((pause) => pause.model_key_id === (keyId ?? ''));
  if (paused) throw refused(paused.message);
  if (night) throw refused(night);

  const pricing = { ...config.model, cache_ttl: request.cache_ttl };
  const estimate = estimateTurn(
    {
      model: run.model,
      tokens: estimateTokens(request.characters),
      cached_tokens: 0,
      max_output_tokens: Math.min(request.body.max_tokens, config.model.max_output_tokens),
    },
    pricing,
  );
  const key = store.gatewayCalls.keyOf(run.id, randomUUID());
  const costEntry = (usage: ModelUsage, answeredBy = run.model): CostEntry & { run_id: string } => ({
    ...costFields(run, key, keyId),
    model: answeredBy || run.model,
    ...usage,
    ...costOf(run.model, usage, pricing),
  });
  const permit = await permits.take(
    { id: key, provider: run.provider, organization_id: run.organization_id, run_id: run.id },
    { signal: hooks.signal ?? new AbortController().signal, leave: AbortSignal.timeout(permitWaitMs) },
  );
  if (!permit)
    throw new WireError(529, 'overloaded_error', `${run.provider} has as many calls under way as it may get.`);
  const startedAt = new Date();
  let firstTokenMs: number | undefined;
  let usage: ModelUsage | undefined;
  let renewal: NodeJS.Timeout | undefined;
  try {
    const held = await store.budgets.reserve({
      key,
      organization_id: run.organization_id,
      run_id: run.id,
      scopes: scopesOf({ ...scopeOf(run), run_id: run.id, caller_run_id: run.caller_run_id }),
      wanted: estimate.full_micros,
      least: estimate.minimum_micros,
    });
    if (!held.ok) throw refusalOf(held);
    const renew = () => void store.gatewayCalls.renew(key).catch(() => undefined);
    renew();
    renewal = setInterval(renew, renewEveryMs);
    const response = await model.call(
      {
        provider: run.provider,
        key_id: keyId,
        model: run.model,
        system: [],
        tools: [],
        messages: [],
        user_id: `run:${run.id}`,
        max_tokens: affordableOutput(estimate, held.held_micros),
        passed_on: { body: request.body, betas: request.betas },
      },
      {
        ...hooks,
        onUsage: (seen) => (usage = { ...seen }),
        onFirst: () => (firstTokenMs = Date.now() - startedAt.getTime()),
      },
    );
    const cost = costEntry(response.usage, response.model);
    if (turn) {
      const times = { started_at: startedAt, first_token_ms: firstTokenMs, request_bytes: request.characters };
      await store.programTurns.finishProgramTurn(programTurnOf(services, run, { turn, response, cost, times }));
    } else await store.gatewayCalls.settle(cost);
    return messageOf(response);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    // A call that began costs what it used; one that never began frees its money.
    if (usage && usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens > 0)
      await store.gatewayCalls.settle(costEntry(usage));
    else await store.budgets.release(run.organization_id, key);
    const reason = personFixes[error.kind];
    if (reason && run.settings.runner)
      await store.modelPauses.begin({ ...run, model_key_id: keyId }, { reason, message: fixOf(error.message) });
    throw wireErrorOf(error);
  } finally {
    clearInterval(renewal);
    permit.give();
  }
}

/** Charges calls whose process ended with what was reserved for them: the provider may have answered each. */
export async function settleLostCalls({ store, log }: Pick<Services, 'store' | 'log'>): Promise<void> {
  for (const { key, run, held_micros } of await store.gatewayCalls.lost()) {
    const nothing = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
    const cost = { input_micros: held_micros, output_micros: 0, cost_micros: held_micros };
    await store.gatewayCalls.settle({ ...costFields(run, key, null), model: run.model, ...nothing, ...cost });
    log.warn({ run_id: run.id, key }, 'a call of the model was lost with its process; its reserved money is charged');
  }
}

const costFields = (run: Run, key: string, keyId: string | null) => ({
  key,
  ...scopeOf(run),
  run_id: run.id,
  caller_run_id: run.caller_run_id,
  sandbox_id: run.sandbox_id,
  kind: run.kind,
  provider: run.provider,
  model_key_id: keyId,
});

function parsed(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalid('The body is not valid JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('The body must be an object.');
  const problem = passedRequestProblem(body as Record<string, unknown>);
  if (problem) throw invalid(problem);
  return body as Record<string, unknown>;
}

/** The run as it is now. @throws WireError where it may make no call. */
async function runningRun({ store }: Services, organizationId: string, runId: string): Promise<Run> {
  const run = await store.runs.get(organizationId, runId);
  if (run.ended_at || run.status !== 'running')
    throw refused(`The run is ${run.status}: its agent makes no call now. Continue when it runs again.`);
  return run;
}

/** What may stop the next turn of a run. @throws WireError where it has had its turns. */
async function limitsOf({ store }: Services, run: Run) {
  const { organization_id, id: run_id, turn, limits } = run;
  // A run at its limit has one last turn more.
  if (turn >= limits.max_turns + (run.loop?.state.grace_used ? 1 : 0))
    throw refused(`The run has had its ${limits.max_turns} turns.`);
  const material = await store.turns.material({ organization_id, run_id, turn: turn + 1 }, maxInteger);
  const { night: terms, model_pauses: pauses } = material;
  return {
    pauses,
    night: terms && isStopped(terms, new Date()) ? stopReason(terms, run.spec_id ? 'spec' : 'run') : null,
  };
}

type Reserved = Awaited<ReturnType<Services['store']['budgets']['reserve']>>;

const refusalOf = ({ short, budget, least }: Extract<Reserved, { ok: false }>) =>
  short
    ? refused(`${shortage(budget, least)} Raise it, and the run continues.`)
    : new WireError(429, 'rate_limit_error', 'Calls under way have reserved the rest of the budget.', 1);

const wire: Record<ModelErrorKind, [status: number, type: string]> = {
  rate_limited: [429, 'rate_limit_error'],
  overloaded: [529, 'overloaded_error'],
  server: [500, 'api_error'],
  timeout: [504, 'timeout_error'],
  aborted: [499, 'api_error'],
  auth: [403, 'permission_error'],
  settings: [403, 'permission_error'],
  billing: [403, 'permission_error'],
  too_large: [400, 'invalid_request_error'],
  image: [400, 'invalid_request_error'],
  thinking: [400, 'invalid_request_error'],
  invalid: [400, 'invalid_request_error'],
};

/** Errors that only a person can fix: all runs of the provider wait. */
const personFixes: Partial<Record<ModelErrorKind, string>> = {
  auth: 'model_key',
  settings: 'model_settings',
  billing: 'model_billing',
};
const fixOf = (message: string) =>
  `${message} Fix it, then resume one run: all runs of this provider wait, and continue with it.`;

const wireErrorOf = ({ kind, message, retryAfter }: ModelError) => {
  const [status, type] = wire[kind];
  return new WireError(status, type, message, retryAfter);
};
