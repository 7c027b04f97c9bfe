import type { Criterion } from './opening.ts';

/** What the agent says proves a criterion. */
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
  /** Tree of the workspace when it ended: what it speaks of. */
  tree_after: string | null;
}

export interface CompletionFacts {
  criteria: Criterion[];
  /** undefined: the evidence was prose, which is taken note of and proves nothing. */
  evidence: EvidenceItem[] | undefined;
  /** Commands of this attempt, newest first. */
  commands: RanCommand[];
  tree: string;
  base_tree: string;
  /** The task is to change code. */
  changes_expected: boolean;
  /** Unified diff of the base against the workspace. */
  patch: string;
}

export interface Gap {
  code: 'no_change' | 'nothing_run' | 'unproven' | 'not_run' | 'failed' | 'stale' | 'masked' | 'no_tests' | 'test_removed' | 'test_skipped' | 'conflict_marker';
  message: string;
}

const masks = /\|\|\s*(true|:|exit\s+0|echo\b)|;\s*(true|exit\s+0|:)\s*$|\|\|\s*\/bin\/true/;
const zeroTests = /\b(# tests 0|tests?:?\s+0 (total|passed)|0 tests? (ran|run|passed)|no tests? (found|ran|to run|files)|collected 0 items|\[no test files\])/i;
const ranTests = /(# pass [1-9]|[1-9]\d* (passed|passing)|tests?:\s+.*[1-9]\d* passed|^ok\s|PASS\b|[1-9]\d* examples?|test result: ok\. [1-9])/im;
const testPath = /(^|\/)(tests?|__tests__|spec)\/|[._-](test|spec)\.[a-z]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py|rb)$/i;
const testStart = /^\s*(?:(?:test|it|describe)(?:\.each\([^)]*\))?\s*\(|def test_|func Test|#\[test\]|@Test\b)/;
const skipMark = /\b(?:test|it|describe|suite)\.(?:skip|todo|only)\b|\bx(?:it|describe|test)\s*\(|@pytest\.mark\.(?:skip|xfail)|\bt\.Skip\(|@Disabled\b|#\[ignore\]|\{\s*skip:\s*true/;
const conflictMark = /^\+(?:<{7}|>{7}|\|{7})(?: |$)/;

/** Changed lines of each file of a unified diff. */
function filesOf(patch: string): { path: string; deleted: boolean; added: string[]; removed: string[] }[] {
  return patch
    .split(/^diff --git /m)
    .slice(1)
    .map((part) => {
      const lines = part.split('\n');
      const path = /^(?:--- a\/|rename from )(.+)$/m.exec(part)?.[1] ?? /^\+\+\+ b\/(.+)$/m.exec(part)?.[1] ?? (lines[0]?.split(' b/')[1] ?? '');
      const body = lines.slice(Math.max(0, lines.findIndex((line) => line.startsWith('@@'))));
      return {
        path,
        deleted: /^deleted file mode/m.test(part),
        added: body.filter((line) => line.startsWith('+') && !line.startsWith('+++ ')),
        removed: body.filter((line) => line.startsWith('-') && !line.startsWith('--- ')),
      };
    });
}

function findCommand(item: EvidenceItem, commands: RanCommand[]): RanCommand | undefined {
  const wanted = item.command?.trim();
  return (item.tool_use_id ? commands.find((c) => c.tool_use_id === item.tool_use_id) : undefined) ?? (wanted ? commands.find((c) => c.command.trim() === wanted) : undefined);
}

/** What speaks against a piece of evidence, or undefined when it holds. */
function objection(item: EvidenceItem, facts: CompletionFacts): Gap | undefined {
  const name = item.command ?? item.tool_use_id ?? 'the evidence';
  const ran = findCommand(item, facts.commands);
  if (!ran) return { code: 'not_run', message: `${name}: no such command ran in this attempt. Run it and give its tool_use_id.` };
  if (masks.test(ran.command)) return { code: 'masked', message: `\`${ran.command}\` hides its exit code. Run it plainly.` };
  if (ran.exit_code !== 0) return { code: 'failed', message: `\`${ran.command}\` exited with ${ran.exit_code ?? 'no code'}, not 0.` };
  if (ran.tree_after !== facts.tree) return { code: 'stale', message: `\`${ran.command}\` ran before the last change. Run it again on the files as they are.` };
  if (zeroTests.test(ran.output) && !ranTests.test(ran.output)) return { code: 'no_tests', message: `\`${ran.command}\` ran no tests.` };
  return undefined;
}

/** Holes in the tests against the base: removed files, fewer tests, new skips. */
function testGaps(patch: string): Gap[] {
  const gaps: Gap[] = [];
  let balance = 0;
  for (const file of filesOf(patch)) {
    const conflict = file.added.find((line) => conflictMark.test(line));
    if (conflict) gaps.push({ code: 'conflict_marker', message: `${file.path} holds a conflict marker: ${conflict.slice(1)}` });
    if (!testPath.test(file.path)) continue;
    const gone = file.removed.filter((line) => testStart.test(line.slice(1))).length;
    const come = file.added.filter((line) => testStart.test(line.slice(1))).length;
    balance += come - gone;
    if (file.deleted) gaps.push({ code: 'test_removed', message: `${file.path} was deleted. Put it back: tests of what the task does not remove must stay.` });
    const skip = file.added.find((line) => skipMark.test(line));
    if (skip && !file.removed.some((line) => skipMark.test(line))) gaps.push({ code: 'test_skipped', message: `${file.path} skips or singles out tests: ${skip.slice(1).trim()}` });
  }
  if (balance < 0 && !gaps.some((gap) => gap.code === 'test_removed')) gaps.push({ code: 'test_removed', message: `${-balance} tests fewer than in the base. Put them back.` });
  return gaps;
}

/** Everything that is missing before the claim "done" can be believed; [] when nothing is. All at once. */
export function completionGaps(facts: CompletionFacts): Gap[] {
  const gaps: Gap[] = [];
  if (facts.changes_expected && facts.tree === facts.base_tree) gaps.push({ code: 'no_change', message: 'No file differs from the base. If nothing has to change, say why with ask_user.' });
  const good = facts.commands.filter((c) => c.exit_code === 0 && c.tree_after === facts.tree && !masks.test(c.command));
  if (facts.changes_expected && good.length === 0) gaps.push({ code: 'nothing_run', message: 'No command has run with exit 0 since the last change. Run the checks that show the work.' });

  const proven = new Set<string>();
  let general = false;
  for (const item of facts.evidence ?? []) {
    const wrong = objection(item, facts);
    if (wrong) gaps.push(wrong);
    else if (item.criterion_id) proven.add(item.criterion_id);
    else general = true;
  }
  // A sound run that names no criterion, such as the whole suite, speaks for those that have none of their own.
  const missing = facts.criteria.filter((c) => !proven.has(c.id) && !general);
  for (const criterion of missing) gaps.push({ code: 'unproven', message: `${criterion.id} has no evidence that holds: ${criterion.text}` });
  return [...gaps, ...testGaps(facts.patch)].filter((gap, i, all) => all.findIndex((other) => other.message === gap.message) === i);
}
