import { slotEntry, type SlotEntry } from '#workflows/contracts/work.ts';
import { agentsOf, type BillingRules } from '#workflows/domain/billing/plans.ts';
import { notFound } from '#workflows/domain/errors.ts';
import { taskScore, type ScoreWeights } from '#workflows/domain/tasks/score.ts';
import { nextClaims, type Claim } from '#workflows/domain/tasks/share-slots.ts';
import { planNow } from './current-plan.ts';
import { jsonParameter, type StoreCore, type Transaction } from './core.ts';

export interface Shared {
  /** The waiting tasks of the project that now hold one of the organization's slots. */
  granted: string[];
  /** Other projects, to whose tasks free slots belong. */
  next: string[];
  /** Other projects that hold slots. */
  holding: string[];
}

/** More than any score: a person wants the task to start first. */
const aboveAll = 10;

/** The organization's slots that its projects' queues share. */
export function slotsStore(core: StoreCore, billing: BillingRules) {
  async function claims(tx: Transaction, organizationId: string, weights: ScoreWeights): Promise<Claim[]> {
    const rows = await tx.agentSlot.findMany({ where: { organization_id: organizationId } });
    return rows.map((row) => {
      const claim = { task_id: row.task_id, project_id: row.project_id, held: row.held_since !== null };
      if (claim.held) return { ...claim, score: 0, requested_at: '' };
      const entry = slotEntry.parse(row.entry);
      const slack = entry.deadline_at ? (Date.parse(entry.deadline_at) - Date.now()) / 1000 : undefined;
      const score = taskScore({ ...entry, age: (Date.now() - Date.parse(entry.requested_at)) / 1000, slack }, weights);
      return { ...claim, score: entry.bumped ? aboveAll : score, requested_at: entry.requested_at };
    });
  }
  const limitOf = async (tx: Transaction, id: string, organization: { plan: string; max_concurrent_agents: number }) =>
    agentsOf(billing, { ...organization, plan: await planNow(tx, id, organization.plan) });
  const projectsOf = (list: Claim[], but?: string) =>
    [...new Set(list.map((claim) => claim.project_id))].filter((id) => id !== but);

  return {
    /**
     * Stores the slots that a project's queue holds and wants, in place of its earlier claims, and grants free slots of
     * the organization. A repeated call changes nothing.
     */
    share: (
      input: { organization_id: string; project_id: string; holders: string[]; candidates: SlotEntry[] },
      weights: ScoreWeights,
    ): Promise<Shared> =>
      core.change(async (tx) => {
        const { organization_id: organizationId, project_id: projectId, holders, candidates } = input;
        // The lock handles concurrent requests of projects one after another.
        const [organization] = await tx.$queryRaw<{ plan: string; max_concurrent_agents: number }[]>`
          SELECT plan, max_concurrent_agents
          FROM organizations
          WHERE id = ${organizationId}::uuid
          FOR NO KEY UPDATE`;
        if (!organization) throw notFound('organization');
        const wanted = candidates.map(
          ({ task_id, priority, requested_at, dependents, retry_count, max_retries, deadline_at, bumped }) => ({
            task_id,
            priority,
            requested_at,
            dependents,
            retry_count,
            max_retries,
            deadline_at,
            ...(bumped ? { bumped } : {}),
          }),
        );
        await tx.$executeRaw`
          WITH _claims AS (
            SELECT task_id, NULL::jsonb AS entry
            FROM unnest(${holders}::uuid[]) AS task_id
            UNION ALL
            SELECT (entry->>'task_id')::uuid, entry
            FROM jsonb_array_elements(${jsonParameter(wanted)}::jsonb) AS entry
          ),
          _dropped AS (
            DELETE FROM agent_slots
            WHERE project_id = ${projectId}::uuid AND task_id NOT IN (SELECT task_id FROM _claims)
          )
          INSERT INTO agent_slots (task_id, organization_id, project_id, entry, held_since)
          SELECT
            task_id,
            ${organizationId}::uuid,
            ${projectId}::uuid,
            coalesce(entry, '{}'),
            CASE WHEN entry IS NULL THEN now() END
          FROM _claims
          ON CONFLICT (task_id) DO UPDATE
          SET
            entry = CASE WHEN EXCLUDED.held_since IS NULL THEN EXCLUDED.entry ELSE agent_slots.entry END,
            held_since = coalesce(agent_slots.held_since, EXCLUDED.held_since)`;
        const all = await claims(tx, organizationId, weights);
        const next = nextClaims(all, await limitOf(tx, organizationId, organization));
        const own = next.filter((claim) => claim.project_id === projectId).map((claim) => claim.task_id);
        if (own.length > 0)
          await tx.agentSlot.updateMany({ where: { task_id: { in: own } }, data: { held_since: new Date() } });
        const held = new Set([...own, ...all.filter((claim) => claim.held).map((claim) => claim.task_id)]);
        return {
          granted: wanted.filter((entry) => held.has(entry.task_id)).map((entry) => entry.task_id),
          next: projectsOf(next, projectId),
          holding: projectsOf(
            all.filter((claim) => claim.held),
            projectId,
          ),
        };
      }),

    /** Projects to whose tasks free slots belong. */
    next: (organizationId: string, weights: ScoreWeights) =>
      core.read(async (db) => {
        const organization = await db.organization.findUniqueOrThrow({ where: { id: organizationId } });
        const limit = await limitOf(db, organizationId, organization);
        return projectsOf(nextClaims(await claims(db, organizationId, weights), limit));
      }),

    /** Deletes the claims of projects whose queue does not run. */
    forget: (projectIds: string[]) =>
      core.change(async (tx) => void (await tx.agentSlot.deleteMany({ where: { project_id: { in: projectIds } } }))),
  };
}
