import { createHash, randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Services } from '#activities/ports/services.ts';
import type { IdempotencyKey } from '#prisma/generated/client.ts';
import { deterministicId } from '#activities/support/ids.ts';
import { trace } from '#activities/support/trace.ts';
import { grants as allows } from '#workflows/domain/access/permissions.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { queryNames, type Contract } from '../contracts/contract.ts';
import { refuseArchived, requireMoney, requireWorkable } from '#activities/ports/require-workable.ts';
import { needsUnarchived, withoutStarts } from '../usecases/workable.ts';
import { asyncHandler } from './async-handler.ts';
import { requireListed, requireOwn } from './agent-door.ts';
import { anonymous, requireApproved, type Authenticator } from './authenticate.ts';
import type { Actor, Call } from './context.ts';
import { invalidBody } from './errors.ts';
import { organizationOf, recordOf, type Parts } from './organization-of.ts';
import { plainMessage } from './plain-messages.ts';
import { limitRate } from './rate-limit.ts';
import { refuseUnsafeValues, requireUtf8Query } from './unsafe-text.ts';

interface Input<C extends Contract> {
  params: z.output<C['params']>;
  query: z.output<C['query']>;
  body: z.output<C['body']>;
}

export interface Route<C extends Contract = Contract> {
  contract: C;
  /** Returns the answer. A handler that sets cookies or redirects sends its answer itself and returns undefined. */
  handle: (
    input: Input<C>,
    call: Call,
    http: { req: Request; res: Response },
  ) => Promise<z.input<C['response']> | undefined>;
}

/** Checks a handler against its contract, and gives all routes one type. */
export function route<C extends Contract>(contract: C, handle: Route<C>['handle']): Route {
  // toHandler parses the input by this same contract, so the handler gets the type that it expects.
  return { contract, handle } as unknown as Route;
}

function parsePart<S extends z.ZodType>(schema: S, value: unknown, part: string): z.output<S> {
  const parsed = schema.safeParse(value ?? {}, { error: plainMessage });
  if (!parsed.success) throw invalidBody(parsed.error, part);
  return parsed.data;
}

/** @throws invalid_body for a parameter that the call does not have. An ignored filter would answer with too much. */
function refuseUnknownQuery(contract: Contract, query: Request['query']): void {
  const known = queryNames(contract);
  const unknown = Object.keys(query).filter((name) => !known.includes(name) && name !== 'organization_id');
  if (unknown.length === 0) return;
  const instead = known.length > 0 ? `use ${known.join(', ')}` : 'remove it';
  const problems = unknown
    .slice(0, 20)
    .map((field) => ({ field, message: `is not a parameter of this call; ${instead}` }));
  throw new AppError(
    'invalid_body',
    `The query is not valid: ${problems[0]?.field} ${problems[0]?.message}.`,
    problems,
  );
}

/** @throws not_found for a malformed id: it names nothing, like an id that does not exist. */
function parsePath(contract: Contract, value: unknown): unknown {
  const parsed = contract.params.safeParse(value, { error: plainMessage });
  if (parsed.success) return parsed.data;
  const id = parsed.error.issues.find((issue) => issue.code === 'invalid_format' && issue.format === 'guid');
  if (!id) throw invalidBody(parsed.error, 'path');
  const { scope } = contract;
  const field = id.path.join('.');
  throw notFound(
    (typeof scope === 'object' && scope.field === field && typeof scope.kind === 'string' ? scope.kind : field).replace(
      '_',
      ' ',
    ),
  );
}

/** @throws unsupported_media for a body that is not JSON. Express would ignore it. */
function requireJson(req: Request): void {
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && !req.is('application/json'))
    throw new AppError('unsupported_media', 'The body must be JSON. Send the header Content-Type: application/json.');
}

/** The project of the record that a call names; null for an organization. */
async function projectOf(services: Services, { scope }: Contract, parts: Parts): Promise<string | null> {
  const record = recordOf(scope, parts);
  return record ? services.store.scopes.projectOf(record.kind, record.id) : null;
}

/** The organization that a request names beside its record: id or slug. */
function organizationNamedBy(req: Request): string | undefined {
  const { organization_id: query } = req.query;
  return req.header('x-organization-id') || (typeof query === 'string' && query) || undefined;
}

function checkPermission(actor: Actor, organizationId: string, { auth, agent, registered }: Contract): void {
  const permission = (actor.agent && agent) || (actor.place && registered) || auth;
  if (permission === 'none' || permission === 'user' || actor.is_super_admin) return;
  if (permission === 'administrator')
    throw new AppError('forbidden', 'Only an administrator of this installation may do this, signed in.');
  const grant = actor.grants.find((entry) => entry.organization_id === organizationId);
  if (grant && allows(grant.permissions, permission)) return;
  const who = actor.via === 'key' ? 'This API key' : `Your role${grant ? ` (${grant.role})` : ''}`;
  throw new AppError('forbidden', `${who} does not have the permission ${permission}.`);
}

/** The part of the door that is about work: nothing is archived or paused, and there is money for what begins. */
async function passWork(call: Call, services: Services, contract: Contract, parts: Parts): Promise<void> {
  if (contract.starts_work) {
    await requireWorkable(call, await projectOf(services, contract, parts));
    const record = recordOf(contract.scope, parts);
    const begun = record && (await services.store.scopes.workOf(record.kind, record.id));
    if (begun?.spec_id) await services.store.specs.refuseArchived(call.organization_id, begun.spec_id);
    if (begun && contract.starts_work === 'agents') await requireMoney(call, begun);
  } else if (needsUnarchived(contract))
    refuseArchived(await services.store.identity.organization(call.organization_id));
}

/** Turns a contract and its handler into an Express handler: authenticate, find the organization, parse, then run. */
export function toHandler(
  services: Services,
  authenticator: Authenticator,
  { contract, handle }: Route,
): RequestHandler {
  const ofCall = contract.starts_work ? services : withoutStarts(services);
  return asyncHandler(async (req, res) => {
    const actor = contract.auth === 'none' ? anonymous : await authenticator.fromRequest(req);
    requireListed(actor, contract);
    if (!contract.before_approval) requireApproved(actor);
    if (!contract.raw_body) requireJson(req);
    requireUtf8Query(req.originalUrl);
    refuseUnsafeValues(req.params, 'path');
    refuseUnsafeValues(req.query, 'query');
    if (!contract.raw_body) refuseUnsafeValues(req.body, 'body');
    const params = parsePath(contract, req.params);
    refuseUnknownQuery(contract, req.query);
    const query = parsePart(contract.query, req.query, 'query');
    const scopeInBody = typeof contract.scope === 'object' && contract.scope.from === 'body';
    const given: unknown = contract.raw_body ? {} : req.body;
    let body: unknown = scopeInBody ? parsePart(contract.body, given, 'body') : given;
    const named = organizationNamedBy(req);
    const organizationId =
      contract.auth === 'none'
        ? ''
        : await organizationOf(services.store, contract.scope, actor, { params, query, body }, named);
    checkPermission(actor, organizationId, contract);
    await requireOwn(
      services.store,
      actor,
      contract,
      recordOf(contract.scope, { params, query, body }),
      organizationId,
    );
    if (!scopeInBody) body = parsePart(contract.body, given, 'body');
    if (contract.rate_limit) await limitRate(services, contract.rate_limit, req.ip);
    // On a full disk nothing new is created; calls that read, steer or end work still pass.
    if (contract.status === 201) services.disk.requireSpace();
    Object.assign(trace.getStore() ?? {}, { user_id: actor.user_id, organization_id: organizationId });
    const request = idempotentRequest(contract, actor, req);
    const callOf = (actor: Actor, organizationId: string): Call => {
      const call: Call = {
        services: ofCall,
        actor,
        organization_id: organizationId,
        request_id: String(res.locals.request_id),
        door: async (projectId) => {
          await requireWorkable({ services, actor, organization_id: organizationId }, projectId);
          return services;
        },
        through: async (other, { params: named = {}, body: given = {} }) => {
          const others = { params: named, query: {}, body: given };
          if ((await organizationOf(services.store, other.scope, actor, others, organizationId)) !== organizationId)
            throw notFound('record');
          checkPermission(actor, organizationId, other);
          const passed = { ...call, services: other.starts_work ? services : withoutStarts(services) };
          await passWork(passed, services, other, others);
          return passed;
        },
        inNameOf: async (userId, organization) => {
          if (contract.auth !== 'none')
            throw new Error('Only a call without sign-in is made in the name of another person.');
          const person = await authenticator.ofPerson(userId);
          requireApproved(person);
          return callOf(person, organization);
        },
        newId: (what) =>
          request
            ? deterministicId(`request:${requester(actor)}:${request.key}:${request.hash}:${what}`)
            : randomUUID(),
      };
      return call;
    };
    const call = callOf(actor, organizationId);
    const work = async () => {
      await passWork(call, services, contract, { params, query, body });
      const answer = await handle({ params, query, body } as Input<Contract>, call, { req, res });
      const { alternative } = contract;
      return { status: alternative?.when(answer) ? alternative.status : contract.status, body: answer };
    };
    const answer = request ? await idempotent(services, actor, request, contract.shown_once ?? [], work) : await work();
    if (res.headersSent) return;
    if (answer.status === 204 || answer.body === undefined) res.status(answer.status).end();
    else res.status(answer.status).json(answer.body);
  });
}

/** Whose Idempotency-Keys are apart from those of others; empty for a call without sign-in. */
const requester = ({ user_id, agent, place }: Actor): string =>
  place ? `agent:${place.agent_id}` : agent ? `run:${agent.run_id}` : user_id;

interface IdempotentRequest {
  key: string;
  hash: string;
}

/** The key and hash of a request that has an Idempotency-Key. */
function idempotentRequest(contract: Contract, actor: Actor, req: Request): IdempotentRequest | undefined {
  const key = contract.method === 'post' ? req.header('idempotency-key') : undefined;
  if (!key || !requester(actor)) return undefined;
  if (key.length > 200) throw new AppError('invalid_body', 'An Idempotency-Key has at most 200 characters.');
  return {
    key,
    hash: createHash('sha256')
      .update(`${req.method} ${req.originalUrl} ${organizationNamedBy(req) ?? ''} ${JSON.stringify(req.body ?? null)}`)
      .digest('hex'),
  };
}

/** A claim that was not renewed for so long belongs to a crashed process. */
const abandonedAfterMs = 60_000;
const renewEveryMs = 15_000;

/** API-04: a repeated request with the same key gets the first answer; nothing is created twice. */
async function idempotent(
  services: Services,
  actor: Actor,
  { key, hash }: IdempotentRequest,
  shownOnce: readonly string[],
  work: () => Promise<{ status: number; body: unknown }>,
): Promise<{ status: number; body: unknown }> {
  const { identity } = services.store;
  const known: IdempotencyKey | null = await identity.claimRequest(requester(actor), key, hash, abandonedAfterMs);
  if (known) {
    if (known.request_hash !== hash)
      throw new AppError('conflict', 'This Idempotency-Key was used for another request.');
    if (known.status === null)
      throw new AppError(
        'conflict',
        'The first request with this Idempotency-Key is still running. Try again in a moment.',
        undefined,
        1,
      );
    return { status: known.status, body: known.body ? (JSON.parse(known.body) as unknown) : undefined };
  }
  // A merge or an analysis may take minutes. Where a renewal fails, the next one follows before the claim is abandoned.
  const renewal = setInterval(
    () => void identity.renewRequest(requester(actor), key).catch(() => undefined),
    renewEveryMs,
  );
  try {
    const answer = await work();
    await identity.answerRequest(
      requester(actor),
      key,
      answer.status,
      answer.body === undefined
        ? ''
        : JSON.stringify(answer.body, (field, value: unknown) => (shownOnce.includes(field) ? null : value)),
    );
    return answer;
  } catch (error) {
    // The request failed: the key may be used again.
    await identity.forgetRequest(requester(actor), key);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}
