import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { Contract } from '../contracts/contract.ts';
import { errorBody } from '../contracts/contract.ts';

const codes: Record<number, string> = {
  400: 'Bad request: a rule forbids it',
  401: 'Not signed in',
  402: 'Work cannot be paid for: no plan, free workflow or credit is left',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict with the current state',
  410: 'No longer kept',
  413: 'The body is too large',
  415: 'The body is not JSON in UTF-8',
  422: 'Invalid input',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** The statuses of a call's errors. */
function failuresOf(contract: Contract): number[] {
  return [
    ...new Set([
      ...[400, 403, 404, 409, 422, 500, 503],
      ...(contract.auth === 'none' ? [] : [401]),
      ...(contract.method === 'get' ? [] : [413, 415]),
      ...(contract.rate_limit ? [429] : []),
      ...(contract.failures ?? []),
    ]),
  ].sort((a, b) => a - b);
}

const organizationId = z.string().max(100).optional().meta({
  description:
    'Id or slug of the organization, for calls that name no record. Needed by a member of several organizations.',
});
const organizationQuery = { organization_id: organizationId };
const organizationHeader = z.object({ 'X-Organization-Id': organizationId });

/** The OpenAPI description, built from the same contracts as the routes. */
export function openApiDocument(contracts: Contract[]): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key (sk_live_...), an access token, or where a call says so the key of a sandbox (sk_agent_...)',
  });
  registry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: 'omoios_access_token',
  });
  const { $schema: _schema, ...errorSchema } = z.toJSONSchema(errorBody) as Record<string, unknown>;
  const error = registry.registerComponent('schemas', 'Error', errorSchema).ref;
  for (const contract of contracts) {
    const failures = failuresOf(contract);
    const own = contract.scope === 'own' || (typeof contract.scope === 'object' && contract.scope.optional === true);
    const empty = (schema: z.ZodType) => schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0;
    registry.registerPath({
      method: contract.method,
      path: `/api/v1${contract.path}`,
      operationId: `${contract.method}${contract.path.replace(/[^a-zA-Z]+(\w?)/g, (_, c: string) => c.toUpperCase())}`,
      summary: contract.summary,
      ...(contract.agent ? { description: 'Also by the key of the sandbox, about its own run.' } : {}),
      tags: [contract.tag],
      security: contract.auth === 'none' ? [] : [{ bearer: [] }, { cookie: [] }],
      request: {
        ...(empty(contract.params) ? {} : { params: contract.params as z.ZodObject }),
        ...(empty(contract.query) && !own
          ? {}
          : { query: (contract.query as z.ZodObject).extend(own ? organizationQuery : {}) }),
        ...(own ? { headers: organizationHeader } : {}),
        ...(empty(contract.body) ? {} : { body: { content: { 'application/json': { schema: contract.body } } } }),
      },
      responses: {
        [contract.status]:
          contract.status === 204 || contract.status === 302
            ? { description: contract.status === 302 ? 'Leads the browser on' : 'Success' }
            : {
                description: 'Success',
                content: { [contract.answer_type ?? 'application/json']: { schema: contract.response } },
              },
        ...(contract.alternative
          ? {
              [contract.alternative.status]: {
                description:
                  contract.alternative.status === 202 ? 'Accepted, and not finished' : 'Success, without a new record',
                content: { 'application/json': { schema: contract.response } },
              },
            }
          : {}),
        ...Object.fromEntries(
          failures.map((status) => [
            status,
            { description: codes[status] ?? 'Error', content: { 'application/json': { schema: error } } },
          ]),
        ),
      },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'OmoiOS',
      version: '1',
      description: 'Describe a feature before bed, wake up to a reviewed pull request.',
    },
    servers: [{ url: '/' }],
  });
}
