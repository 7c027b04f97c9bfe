import type { SandboxPort } from '../ports/sandbox.ts';
import { quote } from './reports/command-line.ts';

const maxBytes = 50_000_000;
const maxFiles = 5000;
/** Below the limit of one exec's output. */
const chunkBytes = 6_000_000;

/** A `find` for the files of a pattern: two asterisks and a slash, and then a path in which `*` stands for any text. */
export function fileTests(folder: string, pattern: string): string {
  const below = pattern.startsWith('**/') ? pattern.slice(3) : undefined;
  const paths = below === undefined ? [pattern] : [`${folder}/${below}`, `${folder}/*/${below}`];
  const any = paths.map((path) => `-path ${quote(path)}`).join(' -o ');
  return `find ${quote(folder)} \\( -name node_modules -o -name .git \\) -prune -o -type f \\( ${any} \\)`;
}

interface Found {
  files: Map<string, string>;
  incomplete?: string;
}

/** The reports that a command wrote since its start, in the order of their names. */
export async function readReports(
  sandbox: SandboxPort,
  sandboxId: string,
  { folder, own, reports }: { folder: string; own: string; reports: string[] },
): Promise<Found> {
  const files = new Map<string, string>();
  if (reports.length === 0) return { files };
  const finds = reports.map(
    (name) => `${fileTests(name.startsWith('**/') ? folder : own, name)} -newer ${quote(`${own}/start`)}`,
  );
  const size = `sh -c 'for f do printf "%s %s\\0" "$(wc -c < "$f")" "$f"; done' sh {} +`;
  const script = finds.map((find) => `${find} -exec ${size}`).join('\n');
  const listed = await sandbox.exec(sandboxId, ['sh', '-c', script]);
  const names = listed.stdout
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const [, bytes, name] = /^\s*(\d+) (.*)$/s.exec(entry) ?? [];
      return name === undefined ? [] : [{ name, bytes: Number(bytes) }];
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  let left = maxBytes;
  let incomplete = names.length > maxFiles ? `Only ${maxFiles} of ${names.length} reports were read.` : undefined;
  let batch: typeof names = [];
  const flush = async () => {
    const total = batch.reduce((sum, { bytes }) => sum + bytes, 0);
    const content = await readBytes(
      sandbox,
      sandboxId,
      batch.map(({ name }) => name),
      total,
    );
    let at = 0;
    for (const { name, bytes } of batch) files.set(name, content.subarray(at, (at += bytes)).toString('utf8'));
    batch = [];
  };
  for (const file of names.slice(0, maxFiles)) {
    if (file.bytes > left) {
      incomplete = `The reports are larger than ${maxBytes / 1e6} MB.`;
      continue;
    }
    left -= file.bytes;
    if (batch.length > 0 && batch.reduce((sum, { bytes }) => sum + bytes, file.bytes) > chunkBytes) await flush();
    batch.push(file);
  }
  if (batch.length > 0) await flush();
  return { files, ...(incomplete === undefined ? {} : { incomplete }) };
}

async function readBytes(sandbox: SandboxPort, id: string, names: string[], total: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < total; at += chunkBytes) {
    const part = `cat -- "$@" | tail -c +${at + 1} | head -c ${Math.min(chunkBytes, total - at)}`;
    chunks.push((await sandbox.exec(id, ['sh', '-c', part, 'sh', ...names])).stdout);
  }
  return Buffer.concat(chunks);
}
