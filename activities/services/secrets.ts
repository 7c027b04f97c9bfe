import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes a file atomically that only its owner can read. */
export function writePrivate(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.part`;
  writeFileSync(draft, content, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

/** A secret of this installation: the setting, otherwise a value that is created once in the data folder. */
export function installationSecret(dataDir: string, name: string, given: string | undefined): string {
  if (given) return given;
  const file = path.join(dataDir, `${name}.secret`);
  if (!existsSync(file)) writePrivate(file, randomBytes(32).toString('hex'));
  return readFileSync(file, 'utf8').trim();
}
