import { formatPatch, structuredPatch } from 'diff';
import { phases, type PhaseId, type PriorOutputs } from '#workflows/domain/phases/index.ts';
import { notFound } from '#workflows/domain/errors.ts';
import type { Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/gate-edits.ts';
import type { Call } from '../http/context.ts';
import { specFiles } from './spec-files.ts';

interface Snapshot {
  title?: string;
  description?: string;
  phases?: PriorOutputs;
}

/** The data of each file of an export, by its path. The text below it says the same for people. */
function dataByPath({ title = '', description = '', phases = {} }: Snapshot, phase: PhaseId | undefined) {
  const outputs = phase ? { [phase]: phases[phase] } : phases;
  // What no version holds is the same on both sides.
  const same = { id: '', status: '', progress: 0, version: 0 };
  return new Map(
    specFiles({ ...same, title, description, outputs }).map(({ path, content }) => [
      path,
      content.slice('---\n'.length, content.indexOf('\n---\n') + 1),
    ]),
  );
}

/** A patch in the form of Git from the files of one version to those of another. */
function patchOf(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): string {
  const paths = [...new Set([...from.keys(), ...to.keys()])].filter((path) => from.get(path) !== to.get(path));
  return paths
    .map((path) => {
      const [before, after] = [from.get(path), to.get(path)];
      const names = [before === undefined ? '/dev/null' : `a/${path}`, after === undefined ? '/dev/null' : `b/${path}`];
      const patch = structuredPatch(names[0]!, names[1]!, before ?? '', after ?? '', undefined, undefined, {
        context: 3,
      });
      return formatPatch({
        ...patch,
        isGit: true,
        isCreate: before === undefined,
        isDelete: after === undefined,
      });
    })
    .join('');
}

/** How a version differs from another one, by default the newest: what restoring it would change. */
export async function versionDifference(
  { services, organization_id }: Call,
  id: string,
  number: number,
  { from, phase }: Query<typeof contracts.versionDifference>,
) {
  const { specs } = services.store;
  const before = from ?? (await specs.get(organization_id, id)).version;
  const find = async (wanted: number) => {
    const [row] = await specs.versions(organization_id, id, 1, wanted + 1);
    if (row?.number !== wanted) throw notFound('version');
    return dataByPath(row.snapshot as Snapshot, phase);
  };
  const [old, now] = await Promise.all([find(before), find(number)]);
  return { from: before, to: number, patch: patchOf(old, now) };
}

/** How an attempt at a phase differs from another one, by default the one before it. */
export async function attemptDifference(
  { services, organization_id }: Call,
  id: string,
  phase: PhaseId,
  { from, to }: Query<typeof contracts.attemptDifference>,
) {
  const { specs } = services.store;
  await specs.get(organization_id, id);
  const answered = (await specs.attempts(id)).filter((one) => one.phase === phase && one.output !== null);
  const now = answered.find((one) => (to === undefined ? one === answered.at(-1) : one.attempt === to));
  const before = answered.findLast((one) =>
    from === undefined ? one.attempt < (now?.attempt ?? 0) : one.attempt === from,
  );
  if (!now || (from !== undefined && !before)) throw notFound('attempt');
  const files = (attempt: typeof now | undefined) => {
    const parsed = phases[phase].schema.safeParse(attempt?.output);
    return parsed.success ? dataByPath({ phases: { [phase]: parsed.data } }, phase) : new Map<string, string>();
  };
  return { from: before?.attempt ?? null, to: now.attempt, patch: patchOf(files(before), files(now)) };
}
