import { requireAbleModel, requireMoney, requireRunner } from '#activities/ports/require-workable.ts';
import { createHash } from 'node:crypto';
import { RepositoryError } from '#activities/ports/repositories.ts';
import type { EmbeddingOwner } from '#activities/ports/embeddings.ts';
import type { Embedded } from '#prisma/store/vector.ts';
import type { Services } from '#activities/ports/services.ts';
import type { SpecInput } from '#workflows/contracts/spec.ts';
import type { NightTerms } from '#workflows/domain/agent/night-terms.ts';
import { comparable } from '#workflows/domain/comparable-text.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { defaultPlan, gatePhases, phaseIds } from '#workflows/domain/phases/index.ts';
import { isCompact, type GatePolicy } from '#workflows/domain/phases/gate-policy.ts';
import type { Project, ProjectSettings } from '#prisma/store/projects.ts';
import type { Spec } from '#prisma/store/specs.ts';
import type * as contracts from '../contracts/specs.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { factsAt, namedBase } from './base-branch.ts';
import { chosenModel } from './chosen-model.ts';

interface PolicyInput {
  mode: 'auto' | 'ask' | 'auto_above';
  score?: number;
  phases: string[];
  timeout_seconds?: number;
}

/** The policy of a launch that names none. */
const defaultPolicy = ({ auto_advance_phases, require_approval_gates }: ProjectSettings): PolicyInput =>
  auto_advance_phases === false
    ? { mode: 'ask', phases: [...phaseIds] }
    : { mode: require_approval_gates ? 'ask' : 'auto', phases: [...gatePhases] };

function policyOf(input: PolicyInput | undefined, settings: ProjectSettings): GatePolicy {
  const policy = input ?? defaultPolicy(settings);
  if (policy.mode === 'auto_above' && policy.score === undefined)
    throw new AppError('invalid_body', 'auto_above needs the score above which a gate opens by itself.', [
      { field: 'gate_policy.score', message: 'is needed with auto_above' },
    ]);
  return {
    mode: policy.mode,
    score: policy.score ?? null,
    phases: policy.phases,
    timeout_seconds: policy.timeout_seconds ?? null,
  };
}

/** What a launch says for the night, as it is stored. */
export const termsOf = ({ stop_at: at, forbidden_paths, raise_usd, wake_me }: NightTerms): NightTerms => ({
  ...(at === undefined ? {} : { stop_at: new Date(at).toISOString() }),
  ...(forbidden_paths ? { forbidden_paths } : {}),
  ...(raise_usd === undefined ? {} : { raise_usd }),
  ...(wake_me ? { wake_me } : {}),
});

/** The hash by which the same feature is known again. */
export const contentHash = ({ title, description }: { title: string; description: string }): string =>
  createHash('sha256').update(comparable(title, description)).digest('hex');

/** Launches a feature. The user's description is stored and put into prompts unchanged. */
export async function launchSpec(call: Call, input: Body<typeof contracts.launchSpec>) {
  const { services, organization_id } = call;
  const id = call.newId('spec');
  const project = await services.store.projects.get(organization_id, input.project_id);
  requireRunner(services, project);
  const model = chosenModel(services, input.model);
  await requireAbleModel(call, { kind: 'spec', title: input.title, description: input.description });
  if (input.auto_execute) await requireMoney(call, { project_id: project.id, budget_usd: input.budget_usd, model });
  const facts = await factsAt(services, project, input.base_branch);
  if (facts.dirty && !input.force)
    throw new RepositoryError(
      'dirty',
      `The repository at ${project.repository_path ?? project.repository_url} has changes that are not committed, so they would not be part of the work. Commit or stash them, or launch with force: true.`,
    );
  const twin = input.force ? null : await services.store.specs.openByHash(project.id, contentHash(input));
  if (twin && twin.id !== id)
    throw new AppError(
      'conflict',
      `The same feature is already in progress (${twin.status}). Launch with force: true to start it again.`,
      { spec_id: twin.id },
    );
  const spec = await storeSpec(call, project, {
    ...input,
    model,
    base_branch: namedBase(project, input.base_branch),
    id,
    status: input.auto_execute ? 'executing' : 'created',
  });
  if (input.auto_execute) await services.workflows.startSpec(specInput(spec));
  return { spec_id: spec.id, status: spec.status, current_phase: spec.current_phase };
}

type Wanted = Pick<
  Body<typeof contracts.launchSpec>,
  'title' | 'description' | 'gate_policy' | 'plan' | 'night' | 'budget_usd' | 'model' | 'base_branch'
>;

/** What the words of a spec are compared by. */
export const embeddingOf = (
  services: Services,
  { title, description }: Pick<Wanted, 'title' | 'description'>,
  owner: EmbeddingOwner,
) => services.embeddings.embedOne(`${title} ${description}`, owner);

/** Stores a spec with its terms. */
export async function storeSpec(
  { services, organization_id, actor }: Call,
  project: Project,
  input: Wanted & { id: string; status: string; embedded?: Embedded },
): Promise<Spec> {
  const policy = policyOf(input.gate_policy, project.settings);
  const spec = await services.store.specs.create({
    id: input.id,
    organization_id,
    project_id: project.id,
    user_id: actor.user_id || null,
    title: input.title,
    description: input.description,
    status: input.status,
    gate_policy: policy,
    plan: isCompact(input.plan ?? project.settings.plan ?? 'full', policy)
      ? { ...defaultPlan, compact: true }
      : defaultPlan,
    content_hash: contentHash(input),
    model: input.model,
    base_branch: input.base_branch,
    night: input.night && termsOf(input.night),
    budget_micros: input.budget_usd === undefined ? undefined : Math.round(input.budget_usd * 1e6),
  });
  await services.store.specs.setEmbedding(spec.id, input.embedded ?? (await embeddingOf(services, input, spec)));
  return spec;
}

/** The input of a spec's workflow. */
export const specInput = (spec: Spec): SpecInput => ({
  spec_id: spec.id,
  organization_id: spec.organization_id,
  project_id: spec.project_id,
  plan: spec.plan,
  gate_policy: spec.gate_policy,
});
