import { z } from 'zod';
import type { Contract } from '#server/contracts/contract.ts';

export const sampleId = '22222222-2222-4222-8222-222222222222';

interface Schema {
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  type?: string;
  format?: string;
  minLength?: number;
  minItems?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  items?: Schema;
  required?: string[];
  minProperties?: number;
  properties?: Record<string, Schema>;
}

/** Fields whose text names a record. */
const sampleField: Record<string, unknown> = { sandbox_id: sampleId };

/** The smallest value of a schema. */
function sample(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return sample(first);
  if (schema.type === 'object') {
    const { required = [], properties = {}, minProperties = 0 } = schema;
    const optional = Object.keys(properties).slice(0, Math.max(0, minProperties - required.length));
    return Object.fromEntries(
      [...required, ...optional].map((name) => [name, sampleField[name] ?? sample(properties[name] ?? {})]),
    );
  }
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}));
  if (schema.type === 'number' || schema.type === 'integer')
    return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1);
  if (schema.type === 'boolean') return true;
  if (schema.format === 'uuid' || schema.format === 'guid') return sampleId;
  if (schema.format === 'uri') return 'https://example.com';
  if (schema.format === 'email') return 'ada@example.test';
  if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
  return 'a'.repeat(Math.max(1, schema.minLength ?? 1));
}

/** Parts of an address that are no ids of records. */
const samplePart: Record<string, string | undefined> = {
  phase: 'prd',
  column: 'backlog',
  phase_id: 'PHASE_TESTING',
  sha: '2'.repeat(40),
  number: '1',
  gate: 'default',
  entity_type: 'task',
};

/** An address with ids that name nothing. */
export const samplePath = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => samplePart[name] ?? sampleId);

/** The smallest body and query that a contract accepts, and its address with ids that name nothing. */
export function sampleInput(contract: Contract): { address: string; body: object | undefined } {
  const smallest = (part: z.ZodType) => sample(z.toJSONSchema(part, { io: 'input' }) as Schema) as object;
  const query = new URLSearchParams(
    Object.entries(smallest(contract.query)).map(([name, value]) => [name, String(value)]),
  );
  return {
    address: `/api/v1${samplePath(contract.path)}${query.size > 0 ? `?${query}` : ''}`,
    body: contract.method === 'get' ? undefined : smallest(contract.body),
  };
}
