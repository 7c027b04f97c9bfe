import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { costOf } from '#workflows/domain/billing/prices.ts';
import { eventually } from '#tests/support/api.ts';
import { call } from '#tests/support/scripts.ts';
import { round } from './numbers.ts';
import { demoFeature } from './demo-feature.ts';
import type { KindTokens } from './kind-tokens.ts';
import { smallFeature } from './small-feature.ts';
import { Stage } from './stage.ts';

/** The figures of an earlier commit, and how they were measured. */
interface Before {
  commit: string;
  measured: string;
  kinds: KindTokens[];
}

/** At today's prices in dollars: what the cache does not have is written to it. */
const costIn = ({ model, input, cached, output }: KindTokens): number =>
  costOf(
    model,
    { input_tokens: 0, cache_read_tokens: cached, cache_write_tokens: input - cached, output_tokens: output },
    { cache_ttl: '1h' },
  ).cost_micros / 1e6;

const sumOf = (kinds: KindTokens[]) => kinds.reduce((sum, { input, output }) => sum + input + output, 0);

const before = (feature: string) =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, `${feature}-feature-before.json`), 'utf8')) as Before;

/** A feature by kind of session: full and compact today, and as it was before. */
async function featureTokens(feature: string, measure: (plan: 'full' | 'compact') => Promise<KindTokens[]>) {
  const { commit, kinds: was } = before(feature);
  const full = await measure('full');
  const compact = await measure('compact');
  const rows = [
    [feature, 'kind', 'model', 'sessions', 'requests', 'input', 'cached', 'output', 'USD'],
    ...(
      [
        [commit, was],
        ['full', full],
        ['compact', compact],
      ] as const
    ).flatMap(([name, kinds]) =>
      kinds.map((kind) =>
        [
          name,
          kind.kind,
          kind.model,
          kind.sessions,
          kind.requests,
          kind.input,
          kind.cached,
          kind.output,
          costIn(kind).toFixed(4),
        ].map(String),
      ),
    ),
  ];
  const share = (kinds: KindTokens[]) => round((100 * sumOf(kinds)) / sumOf(was));
  return { commit, was, full, compact, rows, percent: { full: share(full), compact: share(compact) } };
}

/** The bench's feature of one task, counted from its requests. */
export const smallFeatureTokens = () => featureTokens('small', (plan) => smallFeature({ plan }));
/** The demo's feature, as its records of costs say. */
export const demoFeatureTokens = () => featureTokens('demo', demoFeature);

/** Time from a ticket to its agent's first edit of a repository of this many files. */
export async function timeToFirstEdit(files: number): Promise<{ files: number; first_edit_s: number }> {
  const stage = await Stage.open();
  try {
    const { id, repository } = await stage.project();
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', repository.path, ...args], { encoding: 'utf8' }).trim();
    const made = Array.from(
      { length: files },
      (_, n) => `M 100644 inline packages/p${n % 200}/src/part${n}.js\ndata 1\nx\n`,
    );
    const commit = `commit refs/heads/main\ncommitter A <a@example.test> 1700000000 +0000\ndata 3\nAll\nfrom ${git('rev-parse', 'main')}\n`;
    execFileSync('git', ['-C', repository.path, 'fast-import', '--quiet', '--force'], {
      input: `${commit}${made.join('')}\n`,
    });
    git('reset', '-q', '--hard', 'main');
    stage.script = ({ step }) =>
      step === 0
        ? { tools: [call('write_file', { path: 'packages/p1/src/part1.js', content: 'export const part = 1;\n' })] }
        : { hang: true };
    const asked = performance.now();
    await stage.quickTicket(id, 'Change part1');
    const edited = () => stage.turnsOf('Change part1')[1];
    await eventually('the file is edited', () => edited() !== undefined, 300_000);
    return { files, first_edit_s: round(((edited()?.at ?? 0) - asked) / 1000) };
  } finally {
    await stage.close();
  }
}
