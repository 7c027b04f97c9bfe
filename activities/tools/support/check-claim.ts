import { completionGaps, type EvidenceItem, type RanCommand } from '#workflows/domain/agent/completion.ts';
import { leftovers } from '#workflows/domain/agent/leftovers.ts';
import { planDocumentGaps, planDocuments } from '#workflows/domain/agent/plan-documents.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../../ports/services.ts';
import { asRanCommand, recordedEvidence } from './evidence.ts';
import { filterRefusal } from './stored-by-filter.ts';

interface Claim {
  summary: string;
  /** Undefined when all of it is prose. */
  evidence: EvidenceItem[] | undefined;
  removed_tests?: string | undefined;
}

/**
 * Compares a claim that the work is done with the record of what ran, and keeps it where nothing is missing.
 * @param options.ran the commands that ran, where the record of the run's calls does not show it.
 * @returns what is missing, and what is said about files that look like leftovers; '' for nothing.
 */
export async function checkClaim(
  { store, sandbox, repositories }: Pick<Services, 'store' | 'sandbox' | 'repositories'>,
  run: Run,
  { summary, evidence, removed_tests }: Claim,
  { asksAboutLeftovers, ran }: { asksAboutLeftovers: boolean; ran?: RanCommand[] },
): Promise<{ gaps: string[]; left: string }> {
  const commands = ran ?? (await store.toolCalls.commands(run)).map(asRanCommand);
  const tree = await sandbox.treeHash(run.sandbox_id);
  const baseTree = await repositories.treeOf(run.project_id, run.base_sha);
  const { patch } = await repositories.diff(run.project_id, run.base_sha, tree, { maxBytes: 2_000_000 });
  const documents = await repositories.readFiles(run.project_id, tree, planDocuments(patch));
  const refusedChanges = await sandbox.refusedChanges(run.sandbox_id);
  const missing = completionGaps({ ...run.terms, evidence, commands, tree, base_tree: baseTree, patch, removed_tests });
  const gaps = [
    ...refusedChanges.map(({ path, filter }) => filterRefusal(oneLine(path), oneLine(filter))),
    ...missing.map(({ message }) => message),
    ...planDocumentGaps(documents).map(oneLine),
  ];
  const files = asksAboutLeftovers ? leftovers(patch).map(oneLine).join(', ') : '';
  const left =
    files &&
    `The change adds files that look like leftovers: ${files}. Delete them or name them in .gitignore, and run the checks again. If they belong to the work, keep them and call complete_task again.`;
  if (gaps.length === 0 && !left)
    await store.runs.setOutcome(run.organization_id, run.id, {
      summary,
      evidence: (evidence ?? []).map((item) => recordedEvidence(item, commands)),
      tree,
      ...(removed_tests ? { removed_tests } : {}),
    });
  return { gaps, left };
}
