import { AppError } from '#workflows/domain/errors.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Call } from '../http/context.ts';
import { usd } from './views.ts';

/** Largest patch between two runs in bytes. */
const maxPatch = 1_000_000;

/** The figures and files of two runs of a project, and what differs between their files. */
export async function compareRuns({ services, organization_id }: Call, id: string, otherId: string) {
  const { store, repositories, redact } = services;
  const [run, other] = await Promise.all([
    store.runs.get(organization_id, id),
    store.runs.get(organization_id, otherId),
  ]);
  const { project_id: project } = run;
  if (other.project_id !== project) {
    const message = 'names a run of another project; name a run of the same project';
    throw new AppError('invalid_rule', `with ${message}.`, [{ field: 'with', message }]);
  }
  const changed = (from: string, to: string) => (from === to ? [] : repositories.changedFiles(project, from, to));
  const figures = async (r: Run) => {
    const files = await changed(r.base_sha, r.head_sha);
    const sum = (of: (file: (typeof files)[number]) => number) => files.reduce((total, file) => total + of(file), 0);
    return {
      id: r.id,
      title: r.title,
      status: r.status,
      model: r.model,
      turn: r.turn,
      iteration: r.iteration,
      cost_micros: r.cost_micros,
      cost_usd: usd(r.cost_micros),
      tokens: r.input_tokens + r.cache_read_tokens + r.cache_write_tokens + r.output_tokens,
      seconds: r.started_at ? ((r.ended_at ?? new Date()).getTime() - r.started_at.getTime()) / 1000 : null,
      check_passed: r.outcome?.check ? r.outcome.check.exit_code === 0 : null,
      head_sha: r.head_sha,
      lines_added: sum((file) => file.lines_added),
      lines_removed: sum((file) => file.lines_removed),
      files,
    };
  };
  const [runs, files, diff] = await Promise.all([
    Promise.all([run, other].map(figures)),
    changed(run.head_sha, other.head_sha),
    run.head_sha === other.head_sha
      ? { patch: '', truncated: false }
      : repositories.diff(project, run.head_sha, other.head_sha, { maxBytes: maxPatch }),
  ]);
  return { runs, between: { files, patch: redact(diff.patch), truncated: diff.truncated } };
}
