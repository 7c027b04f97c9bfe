import { z } from 'zod';
import type { ScopeKind } from '#workflows/domain/access/scope-kind.ts';

/** Whose organization a call is about: read from an id in it, or the caller's own. */
export type ScopeOf =
  | { kind: ScopeKind; from: 'params' | 'query' | 'body'; field: string; optional?: boolean }
  | 'own'
  /** No organization: the caller himself, or nobody. */
  | 'none';

export interface Contract<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below /api/v1, with {name} for parameters. */
  path: string;
  tag: string;
  summary: string;
  /** Permission needed in the organization; 'user': any signed-in caller; 'none': nobody in particular. */
  auth: string;
  scope: ScopeOf;
  params: P;
  query: Q;
  body: B;
  status: 200 | 201 | 202 | 204;
  /** Fields of the answer that are shown once: a repeated request with the same Idempotency-Key gets null in their place. */
  shown_once?: readonly string[];
  response: R;
}

/** Query of a call, as its handler receives it: parsed, with defaults. */
export type Query<C extends Contract> = z.output<C['query']>;
/** Body of a call, as its handler receives it: parsed, with defaults. */
export type Body<C extends Contract> = z.output<C['body']>;

const nothing = z.object({});

type Part = z.ZodType;

/** Declares a call of the REST interface. What is left out is empty. */
export function contract<
  P extends Part = typeof nothing,
  Q extends Part = typeof nothing,
  B extends Part = typeof nothing,
  R extends Part = typeof nothing,
>(
  parts: Pick<Contract, 'method' | 'path' | 'tag' | 'summary' | 'auth'> & {
    scope?: ScopeOf;
    shown_once?: readonly string[];
    params?: P;
    query?: Q;
    body?: B;
    status?: Contract['status'];
    response?: R;
  },
): Contract<P, Q, B, R> {
  return {
    scope: 'own',
    status: 200,
    ...parts,
    params: parts.params ?? (nothing as unknown as P),
    query: parts.query ?? (nothing as unknown as Q),
    body: parts.body ?? (nothing as unknown as B),
    response: parts.response ?? (nothing as unknown as R),
  };
}

/** The organization of the thing whose id is in the path. */
export const byId = (kind: ScopeKind): ScopeOf => ({ kind, from: 'params', field: 'id' });
/** The organization of the project named in the query; the caller's own where none is named. */
export const byProjectQuery: ScopeOf = { kind: 'project', from: 'query', field: 'project_id', optional: true };

export const uuid = z.uuid();
export const isoTime = z.string().meta({ format: 'date-time' });
/** Any text: an id that does not exist is 404, whatever it looks like. */
export const idParams = z.object({ id: z.string().max(100) });

/** API-02: 1 to 200, 50 unless said. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export const longPageQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) });

export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });
export const accepted = z.object({ status: z.string() });
export const reasonBody = z.object({ reason: z.string().max(2000).optional() });

export const errorBody = z.object({
  error: z.string().meta({ description: 'The error code for programs, such as not_found.' }),
  message: z.string().meta({ description: 'A sentence for people: the problem and how to fix it.' }),
  details: z.unknown().optional(),
});
