import type { CodeBase } from '#workflows/domain/phases/phase.ts';
import type { Services } from './services.ts';

/** The files of a commit that a plan of tasks is held against. */
export async function codeBase(
  repositories: Services['repositories'],
  { project_id, base_sha }: { project_id: string; base_sha: string },
): Promise<CodeBase> {
  const [{ paths }, files] = await Promise.all([
    repositories.listFiles(project_id, base_sha),
    repositories.readFiles(project_id, base_sha, ['package.json']),
  ]);
  return { paths: new Set(paths), scripts: scriptsOf(files.get('package.json')) };
}

/** The names of the scripts in a package.json; none without the file, undefined where it cannot be read. */
function scriptsOf(content: string | undefined): string[] | undefined {
  if (content === undefined) return [];
  try {
    return Object.keys((JSON.parse(content) as { scripts?: object } | null)?.scripts ?? {});
  } catch {
    return undefined;
  }
}
