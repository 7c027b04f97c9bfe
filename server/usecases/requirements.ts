import { AppError } from '#workflows/domain/errors.ts';
import { evaluate } from '#workflows/domain/phases/evaluate.ts';
import { phases, type PhaseOutputs } from '#workflows/domain/phases/index.ts';
import { locateEars } from '#workflows/domain/requirements/ears.ts';
import { lintRequirement } from '#workflows/domain/requirements/lint.ts';
import { editRequirements, type RequirementEdit } from '#workflows/domain/requirements/edit.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/requirements.ts';
import type { Call } from '../http/context.ts';

/**
 * Changes the requirements while they wait at their gate. The later phases use the requirements as they are when the
 * gate opens. The gate's rules evaluate the changed requirements again; a change that causes a veto is refused.
 */
export async function editRequirement(call: Call, specId: string, edit: RequirementEdit, version: number) {
  const { services, organization_id, actor } = call;
  const { store } = services;
  const spec = await store.specs.get(organization_id, specId);
  const project = await store.projects.get(organization_id, spec.project_id);
  const threshold = Math.max(services.config.phase.threshold, project.settings.gate_threshold ?? 0);
  const prior = await store.specs.outputs(specId);
  let about = '';
  const edited = await store.specs.editAtGate(
    organization_id,
    specId,
    'requirements',
    { version, actor: actor.email, change: { action: edit.action } },
    (stored) => {
      const before = stored as PhaseOutputs['requirements'];
      const { id, requirements } = editRequirements(before, redacted(call, edit));
      about = id;
      const output = phases.requirements.schema.parse({ ...before, requirements }) as PhaseOutputs['requirements'];
      const judged = evaluate('requirements', output, prior, threshold, {
        words: project.settings.requirement_words,
      });
      if (judged.vetoes.length > 0)
        throw new AppError('invalid_rule', judged.vetoes.map((veto) => veto.message).join(' '), [
          { field: 'text', message: judged.vetoes[0]?.message ?? '' },
        ]);
      return { output, score: judged.score, criteria: judged.criteria, vetoes: judged.vetoes, about: id };
    },
  );
  const now = (edited.output as PhaseOutputs['requirements']).requirements.find((item) => item.id === about);
  return { requirement_id: about, requirement: now ?? null, version: edited.version, score: edited.score };
}

/** Removes secrets before the person's text is stored, because agents read it. */
function redacted({ services }: Call, edit: RequirementEdit): RequirementEdit {
  return JSON.parse(services.redact(JSON.stringify(edit))) as RequirementEdit;
}

/** The EARS parts and the findings of texts, in their order. */
export async function lintRequirements(
  { services, organization_id }: Call,
  { texts, project_id }: Body<typeof contracts.lintRequirements>,
) {
  const project = project_id ? await services.store.projects.get(organization_id, project_id) : undefined;
  const words = project?.settings.requirement_words;
  return {
    items: texts.map((text) => {
      const located = locateEars(text, words);
      return {
        text,
        ears: located?.ears ?? null,
        places: located?.places ?? {},
        findings: lintRequirement(text, words),
      };
    }),
  };
}
