import { planDocumentGaps, planDocuments } from '#workflows/domain/agent/plan-documents.ts';
import { patch } from '#tests/evaluation/support/completion-facts.ts';

const head = (...lines: string[]) => ['---', ...lines, '---', '', '# Words', 'status: not of the head', ''].join('\n');
const whole = ['id: X-1', 'title: "One: a"', 'status: draft'];

test.each([
  ['docs', head(...whole), ''],
  ['docs', head(...whole).replaceAll('\n', '\r\n'), ''],
  ['designs', head('id: X-1', 'title: One'), 'status'],
  ['requirements', head(...whole, 'category: functional'), ''],
  ['requirements', head(...whole, 'category:'), 'category'],
  ['tickets', head(...whole, 'priority: null'), 'priority'],
  ['tickets', head(...whole, "priority: ''"), 'priority'],
  ['tickets', head(...whole, 'priority: HIGH', 'dependencies: []'), ''],
  ['tasks', head(...whole, 'parent_ticket: ~ # later'), 'parent_ticket'],
  ['tasks', head(...whole, 'parent_ticket: TKT-001'), ''],
  ['tasks', '# No head\n', 'id, title, status, parent_ticket'],
  ['tasks', `Words first\n${head(...whole)}`, 'id, title, status, parent_ticket'],
  ['tasks', '---\nid: X-1\ntitle: never closed\n', 'id, title, status, parent_ticket'],
  ['docs', undefined, 'id, title, status'],
])('[EXEC-18] a document of %s with %j lacks %j', (folder, text, missing) => {
  const path = `.omoi_os/${folder}/a.md`;
  const said = `${path} lacks ${missing} in its front matter. Write it between two lines of --- at its beginning.`;
  expect(planDocumentGaps([[path, text]])).toEqual(missing ? [said] : []);
});

test('[EXEC-18] documents that a change adds or alters are looked at, and no others', () => {
  const diff =
    patch('.omoi_os/tasks/a b.md', ['+x'], 'new') +
    patch('.omoi_os/tickets/old.md', ['-x'], 'deleted') +
    patch('.omoi_os/notes/free.md', ['+x'], 'new') +
    patch('.omoi_os/README.md', ['+x']) +
    patch('docs/tasks/a.md', ['+x']) +
    patch('.omoi_os/designs/deep/one.md', ['+x']);
  expect(planDocuments(diff)).toEqual(['.omoi_os/tasks/a b.md', '.omoi_os/designs/deep/one.md']);
});
