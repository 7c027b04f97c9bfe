import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';

/*
 * A made-up phase, added to a copy of the sources the way docs/architecture.md says: its own file, a line in names.ts
 * and a line in index.ts.
 */
const copy = mkdtempSync(path.join(tmpdir(), 'omoios-phase-'));
const phaseFile = (name: string) => path.join(copy, 'workflows/domain/phases', name);
const madeUp = (name: string) => path.join(rootDir, 'tests/extensions/rollout', name);

function insertBefore(file: string, mark: string, line: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text.split(mark)).toHaveLength(2);
  writeFileSync(file, text.replace(mark, `${line}\n${mark}`));
}

let seen: Record<string, unknown>;
beforeAll(() => {
  for (const room of ['workflows', 'server/contracts', 'package.json'])
    cpSync(path.join(rootDir, room), path.join(copy, room), { recursive: true });
  symlinkSync(path.join(rootDir, 'node_modules'), path.join(copy, 'node_modules'));
  cpSync(madeUp('rollout.ts.txt'), phaseFile('rollout.ts'));
  cpSync(madeUp('play-rollout.ts.txt'), path.join(copy, 'play-rollout.ts'));
  insertBefore(
    phaseFile('names.ts'),
    "  { id: 'sync', title: 'Sync', tab: 'attempts' },",
    "  { id: 'rollout', title: 'Rollout', tab: 'overview', gate: true },",
  );
  insertBefore(phaseFile('index.ts'), "import { sync } from './sync.ts';", "import { rollout } from './rollout.ts';");
  insertBefore(phaseFile('index.ts'), '  sync,\n', '  rollout,');
  const printed = execFileSync(process.execPath, ['--import', 'tsx', 'play-rollout.ts'], {
    cwd: copy,
    encoding: 'utf8',
  });
  seen = JSON.parse(printed) as Record<string, unknown>;
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('is part of the plan of a new spec, with title, gate and progress', () => {
  expect(seen).toMatchObject({
    title: 'Rollout',
    plan: ['explore', 'prd', 'requirements', 'design', 'tasks', 'rollout', 'sync'],
    gates: ['requirements', 'design', 'tasks', 'rollout'],
    progress: [14, 28, 42, 56, 70, 84, 100],
  });
});

test('is asked for by its own prompt and tool', () => {
  expect(seen.prompt).toMatch(/^# Rollout\n\nTitle: Renewals\n/);
  expect(seen.prompt).toContain('Plan how the feature reaches its users step by step.');
  expect(seen.prompt).toContain('submit_rollout');
  expect(seen.tool).toEqual(['partial', 'strategy', 'steps', 'alarms']);
});

test('is scored and vetoed at its gate by its own rules', () => {
  expect(seen.passed).toMatchObject({ score: 1, passed: true, vetoes: [] });
  expect(seen.refused).toMatchObject({ score: 0.2, passed: false });
  expect((seen.refused as { feedback: string }).feedback).toContain('There is nothing to roll out.');
});

test('has a chapter in the Markdown, and REST accepts it in a gate policy', () => {
  expect(seen.markdown).toBe(
    '# A\n\n> B\n\n## Rollout\n\nFirst one team for a week, then all.\n\n### Steps\n\n- One team\n- All\n',
  );
  expect(seen.gate_policy).toEqual({ mode: 'ask', phases: ['rollout'] });
});
