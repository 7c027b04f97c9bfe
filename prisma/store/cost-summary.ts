import { costGroups, type CostGroup, type ScopeRef } from '#workflows/domain/billing/scopes.ts';
import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

type CostTotals = Record<
  'calls' | 'cost_micros' | 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'cache_write_tokens',
  number
>;

interface CostSummary {
  calls: number;
  cost_micros: number;
  /** All models, the dearest first. */
  models: (CostTotals & { provider: string; model: string })[];
  /** The dearest groups. `key` is null for calls that belong to none, such as calls of no task. */
  groups: (CostTotals & { key: string | null; label: string | null })[];
  /** There are more groups than these. */
  more_groups: boolean;
}

const mostGroups = 500;

/** What a cost is grouped by, and where the groups' names are: a query of `key` and `label`. */
const groupings: Record<CostGroup, { key: Prisma.Sql; labels?: Prisma.Sql }> = {
  model: { key: Prisma.sql`c.model` },
  provider: { key: Prisma.sql`c.provider` },
  phase: { key: Prisma.sql`c.phase` },
  day: { key: Prisma.sql`to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')` },
  project: {
    key: Prisma.sql`c.project_id::text`,
    labels: Prisma.sql`SELECT id::text AS key, name AS label FROM projects`,
  },
  spec: { key: Prisma.sql`c.spec_id::text`, labels: Prisma.sql`SELECT id::text AS key, title AS label FROM specs` },
  ticket: {
    key: Prisma.sql`c.ticket_id::text`,
    labels: Prisma.sql`SELECT id::text AS key, "key" || ': ' || title AS label FROM tickets`,
  },
  task: {
    key: Prisma.sql`c.task_id::text`,
    labels: Prisma.sql`SELECT id::text AS key, "key" || ': ' || title AS label FROM tasks`,
  },
  agent: { key: Prisma.sql`c.run_id::text`, labels: Prisma.sql`SELECT id::text AS key, title AS label FROM runs` },
  // The person who launched the work.
  person: {
    key: Prisma.sql`coalesce(
        (SELECT user_id FROM specs WHERE id = c.spec_id),
        (SELECT user_id FROM tickets WHERE id = c.ticket_id)
      )::text`,
    labels: Prisma.sql`SELECT id::text AS key, email AS label FROM users`,
  },
};

/** The condition of a scope; the whole organization has none. */
const within = ({ type, id }: ScopeRef): Prisma.Sql => {
  switch (type) {
    case 'global':
      return Prisma.empty;
    case 'phase':
      return Prisma.sql`AND c.phase = ${id}`;
    case 'agent':
      return Prisma.sql`AND c.run_id = ${id}::uuid`;
    default:
      return Prisma.sql`AND c.${Prisma.raw(`${type}_id`)} = ${id}::uuid`;
  }
};

type Row = Record<keyof CostTotals, bigint> & {
  of_model: boolean;
  provider: string;
  model: string;
  key: string | null;
  label: string | null;
};

const totalsOf = (row: Row): CostTotals => ({
  calls: Number(row.calls),
  cost_micros: Number(row.cost_micros),
  input_tokens: Number(row.input_tokens),
  output_tokens: Number(row.output_tokens),
  cache_read_tokens: Number(row.cache_read_tokens),
  cache_write_tokens: Number(row.cache_write_tokens),
});

/** The costs of a scope in one statement: by model, and by one more of `costGroups`. */
export async function costSummary(
  core: StoreCore,
  organizationId: string,
  { scope, since, until, by = costGroups[0] }: { scope: ScopeRef; since?: Date; until?: Date; by?: CostGroup },
): Promise<CostSummary> {
  const { key, labels = Prisma.sql`SELECT NULL::text AS key, NULL::text AS label` } = groupings[by];
  const rows = await core.read(
    (db) => db.$queryRaw<Row[]>`
    WITH _scoped AS (
      SELECT c.*, ${key} AS key
      FROM cost_records c
      WHERE c.organization_id = ${organizationId}::uuid
        AND (${since ?? null}::timestamptz IS NULL OR c.created_at >= ${since ?? null}::timestamptz)
        AND (${until ?? null}::timestamptz IS NULL OR c.created_at < ${until ?? null}::timestamptz)
        ${within(scope)}
    ),
    _summed AS (
      SELECT
        grouping(key) = 1 AS of_model,
        provider,
        model,
        key,
        count(*) AS calls,
        sum(cost_micros) AS cost_micros,
        sum(input_tokens) AS input_tokens,
        sum(output_tokens) AS output_tokens,
        sum(cache_read_tokens) AS cache_read_tokens,
        sum(cache_write_tokens) AS cache_write_tokens
      FROM _scoped
      GROUP BY GROUPING SETS ((provider, model), (key))
    )
    SELECT _summed.*, _labels.label
    FROM (
      SELECT *, row_number() OVER (PARTITION BY of_model ORDER BY cost_micros DESC, key, provider, model) AS n
      FROM _summed
    ) _summed
    LEFT JOIN (${labels}) _labels ON NOT of_model AND _labels.key = _summed.key
    WHERE of_model OR n <= ${mostGroups + 1}
    ORDER BY n`,
  );
  const models = rows
    .filter((row) => row.of_model)
    .map((row) => ({ provider: row.provider, model: row.model, ...totalsOf(row) }));
  const groups = rows
    .filter((row) => !row.of_model)
    .map((row) => ({ key: row.key, label: row.label, ...totalsOf(row) }));
  return {
    calls: models.reduce((sum, { calls }) => sum + calls, 0),
    cost_micros: models.reduce((sum, { cost_micros }) => sum + cost_micros, 0),
    models,
    groups: groups.slice(0, mostGroups),
    more_groups: groups.length > mostGroups,
  };
}

/** The names of records, by `type:id`. The caller has found the ids in its own organization. */
export async function namesOf(core: StoreCore, refs: { type: string; id: string }[]): Promise<Record<string, string>> {
  const types = [...new Set(refs.map(({ type }) => type))];
  const named = await Promise.all(
    types.map(async (type) => {
      const labels = groupings[type as CostGroup]?.labels;
      const ids = refs.filter((ref) => ref.type === type).map(({ id }) => id);
      if (!labels) return [];
      const rows = await core.read(
        (db) => db.$queryRaw<{ key: string; label: string }[]>`
          SELECT key, label
          FROM (${labels}) _labels
          WHERE key = ANY(${ids}::text[])`,
      );
      return rows.map(({ key, label }) => [`${type}:${key}`, label] as const);
    }),
  );
  return Object.fromEntries(named.flat());
}

/** The costs of the newest finished work of a kind, in micro-dollars: of the project, and of the whole organization. */
export async function finishedCosts(
  core: StoreCore,
  organizationId: string,
  of: { project_id: string | null; task_type?: string; kind: 'task' | 'feature' },
): Promise<{ project: number[]; organization: number[] }> {
  const [work, ended] =
    of.kind === 'task'
      ? [
          Prisma.sql`tasks`,
          Prisma.sql`status = 'completed' AND (${of.task_type ?? null}::text IS NULL OR task_type = ${of.task_type ?? null})`,
        ]
      : [Prisma.sql`specs`, Prisma.sql`status IN ('pr_created', 'completed')`];
  const column = of.kind === 'task' ? Prisma.sql`task_id` : Prisma.sql`spec_id`;
  const newest = (condition: Prisma.Sql) => Prisma.sql`
      (SELECT id, project_id, coalesce(ended_at, updated_at) AS at
       FROM ${work}
       WHERE organization_id = ${organizationId}::uuid AND ${ended} ${condition}
       ORDER BY at DESC
       LIMIT 100)`;
  const rows = await core.read(
    (db) => db.$queryRaw<{ own: boolean; cost: bigint }[]>`
    WITH _work AS (${newest(Prisma.empty)} UNION ${newest(Prisma.sql`AND project_id = ${of.project_id}::uuid`)})
    SELECT _work.project_id = ${of.project_id}::uuid AS own, sum(c.cost_micros) AS cost
    FROM _work
    JOIN cost_records c ON c.${column} = _work.id AND c.organization_id = ${organizationId}::uuid
    GROUP BY _work.id, _work.project_id`,
  );
  const costs = (some: typeof rows) => some.map(({ cost }) => Number(cost));
  return { project: costs(rows.filter(({ own }) => own)), organization: costs(rows) };
}
