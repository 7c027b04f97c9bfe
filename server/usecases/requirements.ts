import { locateEars } from '#workflows/domain/requirements/ears.ts';
import { lintRequirement } from '#workflows/domain/requirements/lint.ts';
import {
  asRequirementEdit,
  editRequirements,
  type CriterionEdit,
  type RequirementEdit,
} from '#workflows/domain/requirements/edit.ts';
import type { PhaseOutputs } from '#workflows/domain/phases/index.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/requirements.ts';
import type { Call } from '../http/context.ts';
import { editPhase } from './gate-edits.ts';

/** Changes the requirements while they wait at their gate. */
export const editRequirement = (call: Call, specId: string, edit: RequirementEdit, version: number) =>
  changeRequirements(call, specId, () => edit, version);

export const editCriterion = (call: Call, specId: string, edit: CriterionEdit, version: number) =>
  changeRequirements(call, specId, (before) => asRequirementEdit(before, edit), version);

async function changeRequirements(
  call: Call,
  specId: string,
  editOf: (before: PhaseOutputs['requirements']) => RequirementEdit,
  version: number,
) {
  const { about, output, ...edited } = await editPhase(call, specId, 'requirements', version, (before) => {
    const edit = editOf(before);
    const { id, requirements } = editRequirements(before, edit);
    return { about: id, action: edit.action, output: { ...before, requirements } };
  });
  const now = output.requirements.find((item) => item.id === about);
  return { requirement_id: about, requirement: now ?? null, version: edited.version, score: edited.score };
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
