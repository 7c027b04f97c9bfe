import { exitCodeProblem, runsCheck } from './evidence-command.ts';
import type { Criterion } from './opening.ts';
import { changeGaps, type ChangeGap } from './test-changes.ts';
import { ranNoTests } from './test-output.ts';

/** The agent's evidence for a criterion. */
export interface EvidenceItem {
  criterion_id?: string;
  command?: string;
  tool_use_id?: string;
  exit_code?: number;
  excerpt?: string;
}

/** A command that really ran. */
export interface RanCommand {
  tool_use_id: string;
  command: string;
  exit_code: number | null;
  output: string;
  /** Git tree of the workspace before and after the command: the state that the result applies to. */
  tree_before: string | null;
  tree_after: string | null;
}

export interface CompletionFacts {
  criteria: Criterion[];
  /** undefined when the evidence was prose: it is stored and proves nothing. */
  evidence: EvidenceItem[] | undefined;
  /** Commands of this attempt, newest first. */
  commands: RanCommand[];
  tree: string;
  base_tree: string;
  /** The task must change code. */
  changes_expected: boolean;
  /** Unified diff from the base to the workspace. */
  patch: string;
  /** Which tests the change removes, and why. The reviewer judges it. */
  removed_tests?: string;
}

export interface Gap {
  code:
    | 'no_change'
    | 'nothing_run'
    | 'unproven'
    | 'not_run'
    | 'failed'
    | 'stale'
    | 'masked'
    | 'no_tests'
    | ChangeGap['code'];
  message: string;
}

/** The command that a piece of evidence names: by the id of its call, else the newest one with the same text. */
export function findCommand<C extends Pick<RanCommand, 'tool_use_id' | 'command'>>(
  item: EvidenceItem,
  commands: C[],
): C | undefined {
  const wanted = item.command?.trim();
  return (
    (item.tool_use_id ? commands.find((c) => c.tool_use_id === item.tool_use_id) : undefined) ??
    (wanted ? commands.find((c) => c.command.trim() === wanted) : undefined)
  );
}

/** Why a piece of evidence does not count; undefined when it does. */
function objection(item: EvidenceItem, facts: CompletionFacts): Gap | undefined {
  const name = item.command ?? item.tool_use_id ?? 'the evidence';
  const ran = findCommand(item, facts.commands);
  return ran
    ? objectionTo(ran, facts)
    : { code: 'not_run', message: `${name}: no such command ran in this attempt. Run it and give its tool_use_id.` };
}

/**
 * Whether the files are as the command left them. Files that later checks wrote themselves, such as a coverage report,
 * change nothing that it showed.
 */
function isCurrent(ran: RanCommand, { commands, tree }: CompletionFacts): boolean {
  let current = ran.tree_after;
  for (const later of commands.slice(0, commands.indexOf(ran)).toReversed())
    if (later.tree_before === current && runsCheck(later.command)) current = later.tree_after;
  return ran.tree_after === tree || current === tree;
}

function objectionTo(ran: RanCommand, facts: CompletionFacts): Gap | undefined {
  const problem = exitCodeProblem(ran.command);
  if (problem) return { code: 'masked', message: `\`${ran.command}\` ${problem}. Run the check plainly.` };
  if (ran.exit_code !== 0)
    return { code: 'failed', message: `\`${ran.command}\` exited with ${ran.exit_code ?? 'no code'}, not 0.` };
  if (!isCurrent(ran, facts))
    return {
      code: 'stale',
      message: `\`${ran.command}\` ran before the last change. Run it again on the files as they are.`,
    };
  if (ran.tree_before !== ran.tree_after && !runsCheck(ran.command))
    return { code: 'stale', message: `\`${ran.command}\` changed files itself. Run the check after it.` };
  if (ranNoTests(ran.output)) return { code: 'no_tests', message: `\`${ran.command}\` ran no tests.` };
  return undefined;
}

/** Everything that is missing before the claim "done" can be accepted, all at once; [] when nothing is. */
export function completionGaps(facts: CompletionFacts): Gap[] {
  const gaps: Gap[] = [];
  if (facts.changes_expected && facts.tree === facts.base_tree)
    gaps.push({
      code: 'no_change',
      message: 'No file differs from the base. If nothing has to change, say why with ask_user.',
    });
  const good = facts.commands.filter((ran) => !objectionTo(ran, facts));
  if (facts.changes_expected && good.length === 0)
    gaps.push({
      code: 'nothing_run',
      message: 'No check has run with exit 0 since the last change. Run the checks that show the work.',
    });

  const proven = new Set<string>();
  const wrong: Gap[] = [];
  let general = false;
  for (const item of facts.evidence ?? []) {
    const problem = objection(item, facts);
    if (problem) wrong.push(problem);
    else if (item.criterion_id) proven.add(item.criterion_id);
    else general = true;
  }
  // A valid run without a criterion, such as the whole test suite, counts for the criteria without evidence of their
  // own.
  const missing = facts.criteria.filter((c) => !proven.has(c.id) && !general);
  // Evidence that does not count spoils no claim that is proven without it.
  const isProven = facts.criteria.length > 0 ? missing.length === 0 : proven.size > 0 || general;
  if (!isProven) gaps.push(...wrong);
  for (const criterion of missing)
    gaps.push({ code: 'unproven', message: `${criterion.id} has no valid evidence: ${criterion.text}` });
  const weakened = changeGaps(facts.patch, facts.removed_tests);
  return [...gaps, ...weakened].filter((gap, i, all) => all.findIndex((other) => other.message === gap.message) === i);
}
