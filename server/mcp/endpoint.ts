import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import { publicUrl } from '#activities/services/addresses.ts';
import type { Services } from '#activities/ports/services.ts';
import { AppError, errorStatus } from '#workflows/domain/errors.ts';
import { asyncHandler } from '../http/async-handler.ts';
import type { Authenticator } from '../http/authenticate.ts';
import type { Actor } from '../http/context.ts';
import { organizationNamedBy } from '../http/define-route.ts';
import { createDoor, type Route } from '../http/door.ts';
import { describeFailure, errorBodyOf, invalidBody } from '../http/errors.ts';
import { idempotentRequest } from '../http/idempotency.ts';
import type { Contract } from '../contracts/contract.ts';
import { plainMessage } from '../http/plain-messages.ts';
import { requireUtf8Body } from '../http/unsafe-text.ts';
import { boundedText } from './bounded.ts';
import { answerRequest, type OfferedTool } from './protocol.ts';
import type { Tool } from './tool.ts';
import { tools } from './tools/index.ts';

const instructions =
  'OmoiOS plans features as specs, breaks them into tickets and tasks, and lets agents build them. These tools read and change the projects that your key reaches. Gates are approved by people.';

const keyName = 'idempotency_key';
const keySchema = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe(
    'A text of your choice. Repeated with the same arguments, the call does nothing and gets the first answer.',
  );

/** Whether a repeated call would do something twice, so that it takes an idempotency key. */
const isRepeatable = ({ calls }: Tool) => calls.some(({ method }) => method === 'post');

const withKey = (tool: Tool) => (isRepeatable(tool) ? tool.input.extend({ [keyName]: keySchema }) : tool.input);

function offered(tool: Tool): OfferedTool {
  const { $schema: _, ...schema } = z.toJSONSchema(withKey(tool), { io: 'input' });
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: { ...schema, type: 'object' },
    annotations: {
      readOnlyHint: tool.calls.every(({ method }) => method === 'get'),
      destructiveHint: tool.calls.some(({ method }) => method === 'delete'),
      openWorldHint: false,
    },
  };
}

/** A page of another site gets no answer, whatever name it gives this server. Programs send no origin. */
function refuseOtherSites(services: Services, { headers: { origin } }: Request): void {
  if (origin && origin !== new URL(publicUrl(services.config)).origin)
    throw new AppError('forbidden', 'Requests from other sites are refused.');
}

/** A key names its caller. The cookie of a page is not taken: any site could send requests with it. */
async function callerOf(authenticator: Authenticator, req: Request, res: Response): Promise<Actor> {
  const bearer = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
  res.setHeader('WWW-Authenticate', `Bearer realm="OmoiOS"${bearer ? ', error="invalid_token"' : ''}`);
  if (!bearer) throw new AppError('unauthenticated', 'Send an API key, or the key of an agent, as a Bearer token.');
  const actor = await authenticator.fromBearer(bearer);
  res.removeHeader('WWW-Authenticate');
  return actor;
}

/** MCP-08: the tools of the platform, by the Model Context Protocol. */
export function mcpEndpoint(services: Services, authenticator: Authenticator, routes: readonly Route[]): Router {
  const door = createDoor(services, authenticator);
  const routeOf = (name: string, call: Contract): Route => {
    const route = routes.find(({ contract }) => contract === call);
    if (!route) throw new Error(`The tool ${name} makes the call ${call.method} ${call.path}, which no route has.`);
    return route;
  };
  const byName = new Map(
    tools.map((tool) => {
      const own = new Map(tool.calls.map((call) => [call, routeOf(tool.name, call)]));
      return [tool.name, { tool, routes: own, schema: withKey(tool) }];
    }),
  );
  const offer = tools.map(offered);

  async function callTool(
    { tool, routes, schema }: { tool: Tool; routes: ReadonlyMap<Contract, Route>; schema: z.ZodObject },
    input: Record<string, unknown>,
    actor: Actor,
    http: { req: Request; res: Response },
  ): Promise<string> {
    const parsed = schema.safeParse(input, { error: plainMessage });
    if (!parsed.success) throw invalidBody(parsed.error, 'input');
    const { [keyName]: key, ...given } = parsed.data;
    const { by = tool.calls[0], params = {}, query = {}, body = {} } = tool.parts(given);
    const route = routes.get(by);
    if (!route) throw new Error(`The tool ${tool.name} does not declare its call ${by.method} ${by.path}.`);
    door.admit(actor, by);
    const organization = organizationNamedBy(http.req);
    const answer = await door.pass(route, {
      ...{ actor, params, query, body, organization, http },
      repeatable: () =>
        idempotentRequest(
          actor,
          typeof key === 'string' ? key : undefined,
          () => `mcp ${tool.name} ${organization ?? ''} ${JSON.stringify(given)}`,
        ),
    });
    return boundedText(answer.body ?? { status: 'done' });
  }

  const answer: RequestHandler = asyncHandler(async (req, res) => {
    const { actor } = res.locals as { actor: Actor };
    await answerRequest(req, res, {
      instructions,
      tools: offer,
      call: (name, input) => {
        const found = byName.get(name);
        return (
          found &&
          callTool(found, input, actor, { req, res }).then(
            (text) => ({ text, failed: false }),
            (error: unknown) => ({
              text: JSON.stringify(
                errorBodyOf(
                  describeFailure(services.log, error, {
                    path: `/mcp ${name}`,
                    request_id: String(res.locals.request_id),
                  }),
                ),
              ),
              failed: true,
            }),
          )
        );
      },
    });
  });

  const router = express.Router();
  router.use(
    asyncHandler(async (req, res, next) => {
      refuseOtherSites(services, req);
      res.locals.actor = await callerOf(authenticator, req, res);
      next();
    }),
  );
  router.post(
    '/',
    express.json({
      limit: '1mb',
      strict: false,
      verify: (_req, _res, bytes, charset) => requireUtf8Body(bytes, charset),
    }),
    answer,
  );
  // A stream of the server's own messages, and a session to end, are what a server without sessions does not have.
  router.all('/', (_req, res) => {
    res.setHeader('Allow', 'POST');
    sendRefusal(res, 405, -32000, { message: 'Send requests of the protocol by POST.' });
  });
  router.use(((error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    const failure = describeFailure(services.log, error, {
      path: req.originalUrl,
      request_id: String(res.locals.request_id),
    });
    const unread = (error as { type?: string }).type === 'entity.parse.failed';
    if (failure.retryAfter !== undefined) res.setHeader('Retry-After', String(Math.ceil(failure.retryAfter)));
    sendRefusal(res, unread ? 400 : errorStatus[failure.code], unread ? -32700 : -32600, errorBodyOf(failure));
  }) satisfies express.ErrorRequestHandler);
  return router;
}

/** An error that is about the whole request, as JSON-RPC has it. */
function sendRefusal(res: Response, status: number, code: number, { message, ...data }: { message: string }): void {
  res.status(status).json({ jsonrpc: '2.0', id: null, error: { code, message, data } });
}
