import { TestStack } from '#tests/support/stack.ts';
import { KindCounts, type KindTokens } from './kind-tokens.ts';

interface CostRecord {
  kind: string;
  model: string;
  run_id: string | null;
  id: string;
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
}

/**
 * Runs the demo, and adds up what its feature was charged by kind of session. The guardian judges by the clock, so its
 * number of calls differs from time to time.
 */
export async function demoFeature(plan: 'full' | 'compact'): Promise<KindTokens[]> {
  const stack = await TestStack.start({}, { command: ['demo', '--plan', plan] });
  try {
    const { items } = await stack.api.until<{ items: { status: string; last_error: string | null }[] }>(
      '/specs',
      (page) => ['pr_created', 'failed', 'waiting'].includes(page.items[0]?.status ?? ''),
      600_000,
    );
    if (items[0]?.status !== 'pr_created') throw new Error(`The demo is ${items[0]?.status}: ${items[0]?.last_error}`);
    return chargedByKind(await stack.api.all<CostRecord>('/costs/records'));
  } finally {
    await stack.stop();
  }
}

/** Seconds from the demo's launch to its pull request, survey included, with a model that answers at once. */
export async function demoSeconds(): Promise<{ seconds: number }> {
  const stack = await TestStack.start({ OMOIOS_MODEL_REHEARSAL_PACE: '0' }, { command: ['demo'] });
  try {
    const { items: pulls } = await stack.api.until<{ items: { created_at: string }[] }>(
      '/pull-requests',
      ({ items }) => items.length > 0,
      600_000,
    );
    const { items: specs } = await stack.api.get<{ items: { created_at: string }[] }>('/specs');
    const at = (rows: { created_at: string }[]) => Date.parse(rows[0]?.created_at ?? '');
    return { seconds: (at(pulls) - at(specs)) / 1000 };
  } finally {
    await stack.stop();
  }
}

function chargedByKind(records: CostRecord[]): KindTokens[] {
  const counts = new KindCounts();
  const sessions = new Set<string>();
  for (const record of records) {
    const { kind, model } = record;
    const entry = counts.of(kind, model);
    const session = `${kind} ${record.run_id ?? record.id}`;
    entry.sessions += sessions.has(session) ? 0 : 1;
    sessions.add(session);
    entry.requests += 1;
    entry.input += record.input_tokens + record.cache_read_tokens + record.cache_write_tokens;
    entry.cached += record.cache_read_tokens;
    entry.output += record.output_tokens;
  }
  return counts.sorted();
}
