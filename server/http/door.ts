import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { refuseArchived, requireMoney, requireWorkable } from '#activities/ports/require-workable.ts';
import type { Services } from '#activities/ports/services.ts';
import { deterministicId } from '#activities/support/ids.ts';
import { trace } from '#activities/support/trace.ts';
import { grants as allows } from '#workflows/domain/access/permissions.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { queryNames, type Contract } from '../contracts/contract.ts';
import { needsUnarchived, withoutStarts } from '../usecases/workable.ts';
import { requireListed, requireOwn } from './agent-door.ts';
import { requireApproved, type Authenticator } from './authenticate.ts';
import type { Actor, Call } from './context.ts';
import { invalidBody } from './errors.ts';
import { idempotent, requester, type IdempotentRequest } from './idempotency.ts';
import { organizationOf, recordOf, type Parts } from './organization-of.ts';
import { plainMessage } from './plain-messages.ts';
import { limitRate } from './rate-limit.ts';
import { refuseUnsafeValues } from './unsafe-text.ts';

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

/** A call before the door, as it comes by REST or as a tool. */
export interface Asked {
  actor: Actor;
  params: unknown;
  query: Record<string, unknown>;
  body: unknown;
  /** Id or slug of the organization that is named beside the record. */
  organization: string | undefined;
  /** Called once the input is known to be safe to read. */
  repeatable: () => IdempotentRequest | undefined;
  http: { req: Request; res: Response };
}

interface Answer {
  status: number;
  body: unknown;
}

function parsePart<S extends z.ZodType>(schema: S, value: unknown, part: string): z.output<S> {
  const parsed = schema.safeParse(value ?? {}, { error: plainMessage });
  if (!parsed.success) throw invalidBody(parsed.error, part);
  return parsed.data;
}

/** @throws invalid_body for a parameter that the call does not have. An ignored filter would answer with too much. */
function refuseUnknownQuery(contract: Contract, query: Record<string, unknown>): void {
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

/** The project of the record that a call names; null for an organization. */
async function projectOf(services: Services, { scope }: Contract, parts: Parts): Promise<string | null> {
  const record = recordOf(scope, parts);
  return record ? services.store.scopes.projectOf(record.kind, record.id) : null;
}

function checkPermission(
  actor: Actor,
  organizationId: string,
  { auth, agent, registered, agents_of_project: shared }: Contract,
): void {
  const permission = (actor.agent && (agent ?? shared)) || (actor.place && (registered ?? shared)) || auth;
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

/** The one door of a call. @throws as it refuses: unauthenticated, forbidden, or whatever the call itself throws. */
export function createDoor(services: Services, authenticator: Authenticator) {
  /** What a caller may ask for at all, before the call is read. @throws forbidden; waitlist_pending */
  function admit(actor: Actor, contract: Contract): void {
    requireListed(actor, contract);
    if (!contract.before_approval) requireApproved(actor);
  }

  /** Finds the organization, checks the rights and the input, then makes the call. */
  async function pass({ contract, handle }: Route, asked: Asked): Promise<Answer> {
    const { actor, organization: named, http } = asked;
    const ofCall = contract.starts_work ? services : withoutStarts(services);
    refuseUnsafeValues(asked.params, 'path');
    refuseUnsafeValues(asked.query, 'query');
    if (!contract.raw_body) refuseUnsafeValues(asked.body, 'body');
    const params = parsePath(contract, asked.params);
    refuseUnknownQuery(contract, asked.query);
    const query = parsePart(contract.query, asked.query, 'query');
    const scopeInBody = typeof contract.scope === 'object' && contract.scope.from === 'body';
    const given: unknown = contract.raw_body ? {} : asked.body;
    let body: unknown = scopeInBody ? parsePart(contract.body, given, 'body') : given;
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
    if (contract.rate_limit) await limitRate(services, contract.rate_limit, http.req.ip);
    // On a full disk nothing new is created; calls that read, steer or end work still pass.
    if (contract.status === 201) services.disk.requireSpace();
    Object.assign(trace.getStore() ?? {}, { user_id: actor.user_id, organization_id: organizationId });
    const request = asked.repeatable();
    const callOf = (actor: Actor, organizationId: string): Call => {
      const call: Call = {
        services: ofCall,
        actor,
        organization_id: organizationId,
        request_id: String(http.res.locals.request_id),
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
      const answer = await handle({ params, query, body } as Input<Contract>, call, http);
      const { alternative } = contract;
      return { status: alternative?.when(answer) ? alternative.status : contract.status, body: answer };
    };
    return request ? idempotent(services, actor, request, contract.shown_once ?? [], work) : work();
  }

  return { admit, pass };
}
