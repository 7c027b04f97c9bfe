import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';

function insertBefore(file: string, mark: string, line: string): void {
  const text = readFileSync(file, 'utf8');
  if (text.split(mark).length !== 2) throw new Error(`${file} contains "${mark}" not once. Adapt the mark.`);
  writeFileSync(file, text.replace(mark, `${line}\n${mark}`));
}

/**
 * Copies sources and adds the made-up phase to them the way docs/architecture.md says: its own file, a line in names.ts
 * and a line in index.ts.
 */
export function copyWithRollout(sources: string[]): { dir: string; remove(): void } {
  const dir = mkdtempSync(path.join(tmpdir(), 'omoios-phase-'));
  const phaseFile = (name: string) => path.join(dir, 'workflows/domain/phases', name);
  const madeUp = (name: string) => path.join(rootDir, 'tests/extensions/rollout', name);
  for (const source of sources) cpSync(path.join(rootDir, source), path.join(dir, source), { recursive: true });
  symlinkSync(path.join(rootDir, 'node_modules'), path.join(dir, 'node_modules'));
  cpSync(madeUp('rollout.ts.txt'), phaseFile('rollout.ts'));
  cpSync(madeUp('play-rollout.ts.txt'), path.join(dir, 'play-rollout.ts'));
  insertBefore(
    phaseFile('names.ts'),
    "  { id: 'sync', title: 'Sync', tab: 'attempts' },",
    "  { id: 'rollout', title: 'Rollout', tab: 'overview', gate: true },",
  );
  insertBefore(phaseFile('index.ts'), "import { sync } from './sync.ts';", "import { rollout } from './rollout.ts';");
  insertBefore(phaseFile('index.ts'), '  sync,\n', '  rollout,');
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
