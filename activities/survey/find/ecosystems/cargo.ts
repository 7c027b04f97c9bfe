import { z } from 'zod';
import { lineOf, parseToml } from '../documents.ts';
import { check, type Ecosystem, emptyPart, noLock, unreadable } from '../ecosystem.ts';
import { fitsPattern, type Folder } from '../folder.ts';

const globs = z.array(z.string().catch('')).catch([]);
const manifestSchema = z
  .object({
    workspace: z.object({ members: globs, exclude: globs }).optional().catch(undefined),
    package: z.record(z.string(), z.unknown()).optional().catch(undefined),
  })
  .catch({});

const manifest = (folder: Folder) => manifestSchema.parse(parseToml(folder.text('Cargo.toml')) ?? {});

/** Clippy and rustfmt run only where CI names them: without an agreement both find something everywhere. */
export const cargo: Ecosystem = {
  name: 'cargo',
  language: 'rust',
  markers: /^Cargo\.toml$/,
  files: ['Cargo.lock'],
  find(folder) {
    if (!folder.has('Cargo.toml')) return undefined;
    if (parseToml(folder.text('Cargo.toml')) === undefined) return unreadable(folder, 'Cargo.toml', 'TOML');
    const { workspace, package: own } = manifest(folder);
    if (!workspace && !own) return undefined;
    const part = emptyPart();
    const file = folder.file('Cargo.toml');
    const locked = folder.has('Cargo.lock');
    const lock = locked ? ' --locked' : '';
    part.setup.push({
      command: `cargo fetch${lock}`,
      source: { file: locked ? folder.file('Cargo.lock') : file, line: 1 },
    });
    // A library keeps no lock file on purpose; a program without one builds another program each day.
    if (!locked && folder.has('src/main.rs'))
      part.missing.push(noLock(file, 'Run "cargo generate-lockfile" and commit Cargo.lock.'));
    const line = lineOf(folder.text('Cargo.toml'), /^\s*\[(package|workspace)\]/);
    const all = workspace ? ' --workspace' : '';
    // What dependencies compile to is kept for each sandbox. Sources that do not compile are a matter of the check.
    part.setup.push({ command: `cargo test --no-run --offline${lock}${all} || true`, source: { file, line } });
    // Rust keeps tests inside the sources, so there is always something to run: at least the examples of the docs.
    part.checks.push(check('test', `cargo test --offline${lock}${all}`, file, line));
    return part;
  },
  covers(folder, below) {
    const { workspace } = manifest(folder);
    return workspace !== undefined && !workspace.exclude.some((pattern) => fitsPattern(pattern, below));
  },
};
