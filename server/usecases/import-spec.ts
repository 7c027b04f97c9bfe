import type { ImportedPhase } from '#prisma/store/imported-plan.ts';
import type { Project } from '#prisma/store/projects.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { correctOutput, evaluate, feedback } from '#workflows/domain/phases/evaluate.ts';
import {
  defaultPlan,
  progressAt,
  type PhaseId,
  type PhaseOutputs,
  type PriorOutputs,
} from '#workflows/domain/phases/index.ts';
import { parseSubmission } from '#workflows/domain/phases/submission.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/spec-life.ts';
import type { Call } from '../http/context.ts';
import { storeSpec } from './launch-spec.ts';
import { similarDrafts } from './spec-life.ts';
import { readSpecFiles, type ReadSpec } from './spec-files.ts';
import { requireApprover, toSpecView } from './specs.ts';

const refuse = (field: string, message: string) =>
  new AppError('invalid_rule', `${field}: ${message}`, [{ field, message }]);

/** One phase of an import: it fits its form and passes the rules of its gate, like the answer of a model. */
function importedPhase<P extends PhaseId>(
  phase: P,
  given: unknown,
  { prior, project, threshold }: { prior: PriorOutputs; project: Project; threshold: number },
): ImportedPhase & { output: PhaseOutputs[P] } {
  const field = `phases.${phase}`;
  if (typeof given !== 'object' || given === null) throw refuse(field, 'must be an object.');
  const parsed = parseSubmission(phase, given as Record<string, unknown>);
  if ('problems' in parsed) {
    const details = parsed.problems.map(({ pointer, message }) => ({ field: `${field}${pointer}`, message }));
    throw new AppError(
      'invalid_body',
      `${field}${parsed.problems[0]?.pointer}: ${parsed.problems[0]?.message}`,
      details,
    );
  }
  const output = correctOutput(phase, parsed.ok, prior);
  const verdict = evaluate(phase, output, prior, threshold, { words: project.settings.requirement_words });
  if (!verdict.passed) throw refuse(field, `it does not pass its gate. ${feedback(verdict)}`);
  return { phase, output, score: verdict.score, criteria: verdict.criteria };
}

/** The phases of an import, which follow each other from the first one on. */
function phasesOf(call: Call, { phases }: ReadSpec, project: Project): ImportedPhase[] {
  const threshold = Math.max(call.services.config.phase.threshold, project.settings.gate_threshold ?? 0);
  const order = defaultPlan.phases as PhaseId[];
  const end = order.findIndex((phase) => phases[phase] === undefined);
  const [there, after] = end < 0 ? [order, []] : [order.slice(0, end), order.slice(end)];
  const alone = after.find((phase) => phases[phase] !== undefined);
  if (alone) throw refuse(`phases.${alone}`, `needs the phase ${order[end]} before it.`);
  let prior: PriorOutputs = {};
  return there.map((phase) => {
    const imported = importedPhase(phase, phases[phase], { prior, project, threshold });
    prior = { ...prior, [phase]: imported.output };
    return imported;
  });
}

/** Stores a spec that was exported, as a draft whose phases have passed. It goes on with the next phase. */
export async function importSpec(call: Call, input: Body<typeof contracts.importSpec>) {
  const { services, organization_id, actor } = call;
  const { project_id, files, spec, phases, force_create } = input;
  if ((files === undefined) === (spec === undefined))
    throw refuse('files', 'send either files, or spec and phases as the export as JSON has them.');
  const read = files
    ? readSpecFiles(files)
    : { title: spec?.title ?? '', description: spec?.description ?? '', phases: phases ?? {} };
  const clean = JSON.parse(services.redact(JSON.stringify(read))) as ReadSpec;
  const title = clean.title.trim();
  if (title === '' || title.length > 500) throw refuse('title', 'must have 1 to 500 characters.');
  const project = await services.store.projects.get(organization_id, project_id);
  await requireApprover(call, { project_id });
  const imported = phasesOf(call, clean, project);
  const id = call.newId('spec');
  const words = { title, description: clean.description };
  const { found, embedded } = await similarDrafts(
    call,
    project,
    { ...words, check_duplicates: true, force_create },
    id,
  );
  if (found) return found;
  const stored = await storeSpec(call, project, {
    ...words,
    id,
    plan: 'full',
    status: 'draft',
    embedded,
  });
  const last = imported.at(-1)?.phase;
  if (last) {
    const place = { current_phase: last, progress: progressAt(defaultPlan.phases, last, 'end') };
    await services.store.specs.importPlan(organization_id, id, imported, place, actor.email);
  }
  return toSpecView(call, await services.store.specs.get(organization_id, stored.id));
}
