import { z } from 'zod';
import { recordOfScope } from '#workflows/domain/billing/scopes.ts';

/**
 * Whose organization a call is about: read from an id in it, or the caller's own. `kind`: a record's kind in the store's
 * scopeTable.
 */
export type ScopeOf =
  | { kind: string | KindByField; from: 'params' | 'query' | 'body'; field: string; optional?: boolean; or?: NamedBy[] }
  | 'own'
  /** No organization: the call concerns only the caller, or needs no sign-in. */
  | 'none';

/** A field that names a record of a kind. */
interface NamedBy {
  kind: string;
  field: string;
}

/** The kind of the record depends on another field of the same part. */
interface KindByField {
  field: string;
  /** The kind of the record by the field's value. A value that is missing here names no record. */
  of: Readonly<Record<string, string | undefined>>;
}

export type RateLimit =
  'register' | 'resend' | 'forgot' | 'login' | 'link' | 'refresh' | 'verify' | 'reset' | 'invite' | 'accept';

export interface Contract<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path below /api/v1, with {name} for parameters. */
  path: string;
  tag: string;
  summary: string;
  /**
   * Permission that the caller needs in the organization. 'user': any signed-in caller. 'administrator': of the
   * installation. 'none': no sign-in.
   */
  auth: string;
  scope: ScopeOf;
  params: P;
  query: Q;
  body: B;
  status: 200 | 201 | 202 | 204 | 302;
  /**
   * The call starts or continues work, or opens a place for it: the caller is verified, and nothing is archived.
   * `agents`: agents begin by it, so no budget of the record that it names may be too low for a first call.
   */
  starts_work?: boolean | 'agents';
  /**
   * Whether the call is allowed in an archived organization. By default what changes or pays for the organization or its
   * projects is refused there, but for deletions.
   */
  while_archived?: boolean;
  /**
   * The permission with which an agent may call it about its own run, task or project, by the key of its sandbox
   * (AUTH-13). Without it, such keys are refused.
   */
  agent?: string;
  /** The permission with which a registered agent that runs elsewhere may call it about itself, by its own key. */
  registered?: string;
  /**
   * The permission with which registered agents may call it about any record of their project, and sandboxes where it
   * only reads. An agent that serves the whole organization reaches all of its projects.
   */
  agents_of_project?: string;
  /** It answers about the caller as a person, which an agent is not, also as a member. */
  personal?: boolean;
  /** An account that waits for its approval may call it. */
  before_approval?: boolean;
  /** A second success: its status, and the answers that have it. */
  alternative?: { status: 200 | 201 | 202; when(answer: unknown): boolean };
  /** Requests of one address are limited by this setting of `rate_limits`. */
  rate_limit?: RateLimit;
  /** Statuses of errors that only a few calls answer with, for the OpenAPI description. */
  failures?: readonly number[];
  /** The body is read by its exact bytes, which the sender has signed. */
  raw_body?: boolean;
  /** The largest raw body, in megabytes; 1 where it is absent. */
  body_mb?: number;
  /** Fields of the answer that are shown once. A repeated request with the same Idempotency-Key gets null for them. */
  shown_once?: readonly string[];
  /** The type of an answer that is text, not JSON. */
  answer_type?: 'text/csv';
  response: R;
}

/** Query of a call, as its handler receives it: parsed, with defaults. */
export type Query<C extends Contract> = z.output<C['query']>;
/** Body of a call, as its handler receives it: parsed, with defaults. */
export type Body<C extends Contract> = z.output<C['body']>;

const nothing = z.object({});

type Part = z.ZodType;

// A part that a contract leaves out has the default of its type parameter, so S is the type of `nothing` then.
const orNothing = <S extends Part>(part: S | undefined): S => part ?? (nothing as unknown as S);

/**
 * Declares a call of the REST interface. By default its scope is the caller's own organization, its status is 200,
 * and its parameters, query, body and answer have no fields.
 */
export function contract<
  P extends Part = typeof nothing,
  Q extends Part = typeof nothing,
  B extends Part = typeof nothing,
  R extends Part = typeof nothing,
>(
  parts: Pick<Contract, 'method' | 'path' | 'tag' | 'summary' | 'auth'> & {
    scope?: ScopeOf;
    starts_work?: Contract['starts_work'];
    while_archived?: boolean;
    agent?: string;
    registered?: string;
    agents_of_project?: string;
    personal?: boolean;
    before_approval?: boolean;
    rate_limit?: RateLimit;
    shown_once?: readonly string[];
    raw_body?: boolean;
    body_mb?: number;
    params?: P;
    query?: Q;
    body?: B;
    status?: Contract['status'];
    alternative?: Contract['alternative'];
    failures?: readonly number[];
    answer_type?: Contract['answer_type'];
    response?: R;
  },
): Contract<P, Q, B, R> {
  return {
    scope: 'own',
    status: 200,
    ...parts,
    params: orNothing(parts.params),
    query: orNothing(parts.query),
    body: orNothing(parts.body),
    response: orNothing(parts.response),
  };
}

/** Names of the query's parameters. Every call also takes organization_id. */
export const queryNames = ({ query }: Contract): string[] =>
  query instanceof z.ZodObject ? Object.keys(query.shape) : [];

/** Scope of a call: the organization of the record whose id is in the path. */
export const byId = (kind: string): ScopeOf => ({ kind, from: 'params', field: 'id' });
/** Scope of a call: the organization of the record that scope_type and scope_id name, or the caller's own. */
export const byBudgetScope = (from: 'query' | 'body'): ScopeOf => ({
  kind: { field: 'scope_type', of: recordOfScope },
  from,
  field: 'scope_id',
  optional: true,
});
/** Whether the input of a call names the record whose organization the call is for. Else the caller's own is meant. */
export function namesRecord({ scope }: Contract, input: object): boolean {
  if (typeof scope === 'string') return scope === 'none';
  const part = (input as Record<string, Record<string, unknown> | undefined>)[scope.from] ?? {};
  const isKind = typeof scope.kind === 'string' || scope.kind.of[String(part[scope.kind.field])] !== undefined;
  const other = (scope.or ?? []).some(({ field }) => Boolean(part[field]));
  return !scope.optional || (isKind && Boolean(part[scope.field])) || other;
}
/**
 * Scope of a list: the organization of the first record that its filters name (`project` by project_id), or the
 * caller's own without one.
 */
export const byFilters = (first: string, ...others: string[]): ScopeOf => {
  const named = (kind: string) => ({ kind: kind === 'agent' ? 'run' : kind, field: `${kind}_id` });
  return { ...named(first), from: 'query', optional: true, or: others.map(named) };
};
export const byProjectQuery = byFilters('project');

/** A filter by one of these values, or by several separated by commas. */
export const anyOfValues = (values: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => text.split(',').every((value) => values.includes(value)),
      `must be one of ${values.join(', ')}, or several separated by commas`,
    )
    .meta({ description: `One of ${values.join(', ')}, or several separated by commas.` });

export const uuid = z.uuid();
export const isoTime = z.string().meta({ format: 'date-time' });
/** A time in a request. PostgreSQL has no year 0. */
export const moment = z.iso
  .datetime({ abort: true })
  .refine((text) => Date.parse(text) >= 0, { error: 'must be a time after 1970', abort: true });
/** A time in a request that is still to come. */
export const laterMoment = moment.refine((text) => Date.parse(text) > Date.now(), 'must be in the future');
/** An id in a request: what PostgreSQL accepts as a UUID. In a path, a malformed id gets 404: it names nothing. */
export const recordId = z.guid({ error: 'must be a UUID' });
export const idParams = z.object({ id: recordId });
/** The id of a run, or the name of its sandbox. One that names nothing gets 404. */
export const sandboxName = z.string().meta({ description: 'The id of a run, or the name of its sandbox.' });
/** The largest number of an integer column. */
export const maxInteger = 2 ** 31 - 1;
/** A position in a query that is compared with an integer column. */
export const position = z.coerce.number().int().min(0).max(maxInteger);

/** The smallest budget in dollars. Work with less would wait for ever, since no call of a model fits. */
const smallestUsd = 0.01;
/** Ends of lines and other control characters, and signs that are not seen or turn text; not those that join emoji. */
const hiddenSigns = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
/** A name that people read in pages and mails: in one line, without signs that hide or turn text. */
export const nameOf = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((name) => !hiddenSigns.test(name), 'must be one line without control characters');

/** Whether an amount has at most the decimals that are stored. Sums of floating-point numbers are off by less. */
const isStored = (amount: number) => Math.abs(amount - Number(amount.toFixed(6))) < 1e-9;
/** An amount in dollars of a budget or limit. */
export const usdAmount = (most: number) =>
  z
    .number()
    .min(smallestUsd, { error: `must be at least ${smallestUsd} dollars`, abort: true })
    .max(most, `must be at most ${most} dollars`)
    .refine(isStored, 'must have at most 6 decimals');

/** The model of a launch. */
export const modelName = z.string().trim().min(1).max(200).meta({
  description: 'The model of its agents: one of those that the operator offers. Default: the usual one.',
});

/** The branch of a launch. */
export const baseBranch = z.string().trim().min(1).max(200).meta({
  description:
    "The branch of the project's repository that the work starts from and its pull request goes to. Default: the default branch of the project.",
});

/** The criteria of a ticket or task. Evidence names a criterion by its id, so each id is used once. */
export const criteria = z
  .array(
    z.strictObject({
      id: z.string().min(1).max(100),
      text: z.string().min(1).max(2000),
      check: z.string().max(2000).optional(),
    }),
  )
  .max(50)
  .superRefine((rows, context) => {
    rows.forEach(({ id }, at) => {
      if (rows.findIndex((row) => row.id === id) < at)
        context.addIssue({
          code: 'custom',
          path: [at, 'id'],
          message: `${id} is used twice; give each criterion an own id`,
        });
    });
  });

/** API-02: a page has 1 to 200 rows, 50 by default. `cursor` is the next_cursor of the page before. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
/** A number of an event in a query. As `cursor` it is the next_cursor of the page before. */
export const eventNumber = z.coerce.number().int().min(0);

/** For events and turns: a page has 1 to 1,000 rows, 50 by default. */
export const longPageQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) });

/** A page of a list. `next_cursor` is null on the last page. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });
export const accepted = z.object({ status: z.string() });
export const reasonBody = z.object({ reason: z.string().max(2000).optional() });

export const errorBody = z.object({
  error: z.string().meta({ description: 'The error code for programs, such as not_found.' }),
  message: z.string().meta({ description: 'A sentence for people: the problem and how to fix it.' }),
  details: z.unknown().optional(),
});
