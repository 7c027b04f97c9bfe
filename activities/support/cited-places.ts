import { citationsOf, type Citation } from '#workflows/domain/agent/citations.ts';
import type { Services } from '../ports/services.ts';

/** Files of one answer that are looked at. */
const maxFiles = 100;

/** The places that an answer of a run names: those that exist in the files that it read, and those that do not. */
export async function placesIn(
  repositories: Services['repositories'],
  run: { project_id: string; head_sha: string | null; start_sha: string },
  answer: string,
): Promise<{ found: Citation[]; wrong: Citation[] }> {
  const cited = citationsOf(answer);
  const paths = [...new Set(cited.map(({ path }) => path))].slice(0, maxFiles);
  const files = await repositories.readFiles(run.project_id, run.head_sha ?? run.start_sha, paths);
  const exists = ({ path, line, end }: Citation) => {
    const text = files.get(path);
    // The lines of a file that is not text are not counted.
    return files.has(path) && line > 0 && (text === undefined || (end ?? line) <= text.split('\n').length);
  };
  return { found: cited.filter(exists), wrong: cited.filter((place) => !exists(place)) };
}
