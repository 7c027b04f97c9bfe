import type { z } from 'zod';
import { jsonSchemaOf } from './outline.ts';
import type { PhaseDraft } from './draft.ts';
import { phases, type PhaseId, type PhaseOutputs } from './index.ts';

interface SubmissionProblem {
  /** JSON pointer (RFC 6901) to the field; empty for the whole submission. */
  pointer: string;
  message: string;
}

export type Submission<P extends PhaseId> =
  | { ok: PhaseOutputs[P] }
  /** `more` counts the problems beyond those listed. */
  | { problems: SubmissionProblem[]; more: number };

const listed = 20;

type Schema = Record<string, unknown>;

/**
 * Checks a whole draft against the schema of its phase and reports every problem at once. A null counts as left out.
 */
export function parseSubmission<P extends PhaseId>(phaseId: P, draft: PhaseDraft): Submission<P> {
  const schema: z.ZodType<PhaseOutputs[P]> = phases[phaseId].schema;
  const parsed = schema.safeParse(withoutNulls(draft));
  if (parsed.success) return { ok: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, []));
  return { problems: problems.slice(0, listed), more: Math.max(0, problems.length - listed) };
}

/**
 * A schema without what says nothing to a model: empty defaults, closed objects and least lengths. Of several accepted
 * shapes the first is asked for. It is sent with each request, so its length counts.
 */
function shortened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(shortened);
  if (typeof schema !== 'object' || schema === null) return schema;
  const {
    default: _,
    additionalProperties: __,
    propertyNames: ___,
    minLength: ____,
    anyOf,
    ...rest
  } = schema as Schema;
  if (Array.isArray(anyOf)) return shortened(anyOf[0]);
  const { properties, items, ...others } = rest;
  return {
    ...others,
    ...(items ? { items: shortened(items) } : {}),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, shortened(field)])) }
      : {}),
  };
}

/**
 * JSON schema of the input of `submit_<phase>`. No field is required at the top: a submission may be partial, and a
 * whole one takes missing fields from the draft.
 */
export function submissionSchema(phaseId: PhaseId): Record<string, unknown> {
  const { properties } = jsonSchemaOf(phases[phaseId].schema);
  const partial = { type: 'boolean', description: 'true: add this to the draft and check nothing yet' };
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, shortened(field)]);
  return {
    type: 'object',
    properties: { partial, ...(Object.fromEntries(fields) as Record<string, unknown>) },
    additionalProperties: false,
  };
}

function problemsOf(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): SubmissionProblem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo([...path, key]), message: 'There is no such field.' }));
  if (issue.code === 'invalid_union') {
    // The problems of the alternative with the right type are more useful than a list of all alternatives.
    const meant = issue.errors.find(
      (errors) => !errors.some((error) => error.code === 'invalid_type' && error.path.length === 0),
    );
    if (meant) return meant.flatMap((error) => problemsOf(error, path));
    const expected = issue.errors.flat().map((error) => (error.code === 'invalid_type' ? error.expected : error.code));
    return [{ pointer: pointerTo(path), message: `Expected one of: ${[...new Set(expected)].join(', ')}.` }];
  }
  const message = issue.message.endsWith('received undefined') ? 'This field is required.' : `${issue.message}.`;
  return [{ pointer: pointerTo(path), message }];
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === null ? [] : [[key, withoutNulls(field)]])),
  );
}
