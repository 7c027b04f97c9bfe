import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { enter } from './enter.ts';
import { makeFolders } from './folders.ts';
import { killHolder, startHolder } from './holder.ts';
import { insideUid, type Isolation } from './isolation.ts';
import { layoutIn, sandboxesDir } from './layout.ts';
import { sandboxMounts } from './mounts.ts';
import { noPackageSettings } from './packages/collect.ts';
import { run } from './run.ts';
import { noToolchains } from './toolchains/find.ts';
import { cutStart } from '#workflows/domain/text.ts';

/** Finds the isolation that works for this user here: it creates a sandbox and enters it. */
export async function findIsolation(dataDir: string, hostPath: string, wanted: 'auto' | 'none'): Promise<Isolation> {
  if (wanted === 'none') return { kind: 'none', reason: 'isolation was turned off' };
  if (process.platform !== 'linux')
    return { kind: 'none', reason: 'only Linux has the namespaces that isolation needs' };
  const kind = process.getuid?.() === 0 ? 'mapped' : 'nested';
  const failure = await probe({ kind }, dataDir, hostPath).catch((error: Error) => error.message);
  return failure === undefined ? { kind } : { kind: 'none', reason: failure };
}

async function probe(isolation: Isolation, dataDir: string, hostPath: string): Promise<string | undefined> {
  const id = `.probe-${randomBytes(6).toString('hex')}`;
  const layout = layoutIn(path.join(sandboxesDir(dataDir), id), id);
  try {
    makeFolders(layout, isolation);
    const objects = path.join(layout.platform, 'objects');
    await mkdir(objects);
    const mounts = sandboxMounts(layout, {
      access: 'read_write',
      objects,
      toolchains: noToolchains,
      packages: noPackageSettings,
      links: layout.bin,
    });
    const holder = await startHolder(layout, isolation, mounts, hostPath);
    const limits = { memory_mb: 1024, processes: 64, file_size_mb: 64, log_mb: 1 };
    const command = [
      ...enter(isolation, holder, { network: 'none', limits }),
      'bash',
      '-c',
      'id -u && touch /workspace/touched',
    ];
    const ran = await run(command, { env: { PATH: hostPath }, maxBytes: 1024, timeoutMs: 10_000 });
    if (ran.exitCode === 0 && ran.stdout.toString().trim() === String(insideUid)) return undefined;
    return `a command could not be run inside: ${cutStart(ran.stderr.trim(), 300)}`;
  } finally {
    await killHolder(layout);
    await rm(layout.root, { recursive: true, force: true });
  }
}
