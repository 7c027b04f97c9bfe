import type { ToolContext } from './tool.ts';

const MOST_CHECKED = 50;
const MOST_NAMED = 5;

/**
 * Finds the files that have changed since the model saw them, so that it reads them again. It takes one short command
 * for all files; without sha256sum in the sandbox it reports none.
 */
export async function staleFiles(context: ToolContext): Promise<string[]> {
  const views = (await context.viewedFiles()).slice(-MOST_CHECKED);
  if (views.length === 0) return [];
  const { port, id } = context.sandbox;
  const { stdout, stderr } = await port.exec(id, ['sha256sum', '--', ...views.map((view) => view.path)], {
    timeoutMs: 30_000,
  });
  const hashes = new Map(
    stdout
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
  const changed = views.flatMap(({ path, hash }) => {
    const now = hashes.get(path);
    if (now === undefined) return stderr.includes(`${path}: No such file`) ? [`${path} (gone)`] : [];
    return now === hash ? [] : [path];
  });
  if (changed.length === 0) return [];
  const more = changed.length > MOST_NAMED ? ` and ${changed.length - MOST_NAMED} more` : '';
  return [
    `Changed since you last saw them: ${changed.slice(0, MOST_NAMED).join(', ')}${more}. Call read_file before you rely on them.`,
  ];
}
