import { completionGaps, type CompletionFacts, type Gap, type RanCommand } from '#workflows/domain/agent/completion.ts';

export const criterion = { id: 'AC-1', text: 'double(2) is 4' };
export const node = 'TAP version 13\n# Subtest: doubles\nok 1 - doubles\n1..1\n# tests 1\n# pass 1\n# fail 0\n';
export const ran = (more: Partial<RanCommand> = {}): RanCommand => ({
  tool_use_id: 'toolu_1',
  command: 'node --test',
  exit_code: 0,
  output: `exit 0 · 1.2 s · cwd .\n${node}`,
  tree_before: 'tree',
  tree_after: 'tree',
  ...more,
});
export const facts = (more: Partial<CompletionFacts> = {}): CompletionFacts => ({
  criteria: [criterion],
  evidence: [{ criterion_id: 'AC-1', command: 'node --test', tool_use_id: 'toolu_1', exit_code: 0 }],
  commands: [ran()],
  tree: 'tree',
  base_tree: 'base',
  changes_expected: true,
  patch: '',
  ...more,
});
export const codes = (more: Partial<CompletionFacts>): Gap['code'][] =>
  completionGaps(facts(more)).map((gap) => gap.code);

export function patch(path: string, lines: string[], mode: 'changed' | 'new' | 'deleted' = 'changed'): string {
  const from = mode === 'new' ? '/dev/null' : `a/${path}`;
  const to = mode === 'deleted' ? '/dev/null' : `b/${path}`;
  const word = mode === 'changed' ? '' : `${mode === 'new' ? 'new' : 'deleted'} file mode 100644\n`;
  return `diff --git a/${path} b/${path}\n${word}--- ${from}\n+++ ${to}\n@@ -1,3 +1,3 @@\n${lines.join('\n')}\n`;
}
