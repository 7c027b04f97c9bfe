import type { Request, RequestHandler } from 'express';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Contract } from '../contracts/contract.ts';
import { asyncHandler } from './async-handler.ts';
import { anonymous, type Authenticator } from './authenticate.ts';
import { createDoor, type Route } from './door.ts';
import { idempotentRequest } from './idempotency.ts';
import { requireUtf8Query } from './unsafe-text.ts';

export type { Route };

/** Checks a handler against its contract, and gives all routes one type. */
export function route<C extends Contract>(contract: C, handle: Route<C>['handle']): Route {
  // toHandler parses the input by this same contract, so the handler gets the type that it expects.
  return { contract, handle } as unknown as Route;
}

/** @throws unsupported_media for a body that is not JSON. Express would ignore it. */
function requireJson(req: Request): void {
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && !req.is('application/json'))
    throw new AppError('unsupported_media', 'The body must be JSON. Send the header Content-Type: application/json.');
}

/** The organization that a request names beside its record: id or slug. */
export function organizationNamedBy(req: Request): string | undefined {
  const { organization_id: query } = req.query;
  return req.header('x-organization-id') || (typeof query === 'string' && query) || undefined;
}

/** Turns a contract and its handler into an Express handler: authenticate, then pass the door. */
export function toHandler(services: Services, authenticator: Authenticator, route: Route): RequestHandler {
  const { contract } = route;
  const door = createDoor(services, authenticator);
  return asyncHandler(async (req, res) => {
    res.locals.route = contract.path;
    const actor = contract.auth === 'none' ? anonymous : await authenticator.fromRequest(req);
    door.admit(actor, contract);
    if (!contract.raw_body) requireJson(req);
    requireUtf8Query(req.originalUrl);
    const named = organizationNamedBy(req);
    const answer = await door.pass(route, {
      ...{ actor, params: req.params, query: req.query, body: req.body as unknown, organization: named },
      repeatable: () =>
        idempotentRequest(
          actor,
          contract.method === 'post' ? req.header('idempotency-key') : undefined,
          () => `${req.method} ${req.originalUrl} ${named ?? ''} ${JSON.stringify(req.body ?? null)}`,
        ),
      http: { req, res },
    });
    if (res.headersSent) return;
    if (answer.status === 204 || answer.body === undefined) res.status(answer.status).end();
    else res.status(answer.status).json(answer.body);
  });
}
