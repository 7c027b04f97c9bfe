import { specMarkdown } from '#workflows/domain/phases/markdown.ts';
import { exampleOutput, exampleOutputs } from '#tests/support/phases.ts';

const document = {
  title: 'Task export',
  description: 'Export tasks.\nAs CSV.',
  status: 'executing',
  progress: 80,
  outputs: exampleOutputs(),
};

describe('[PLAN-21] a spec as Markdown', () => {
  const markdown = specMarkdown(document);

  test('has the request, the chapters and their items', () => {
    expect(markdown.match(/^##? .*$/gm)).toEqual([
      '# Task export',
      '## PRD',
      '## Requirements',
      '## Design',
      '## Tickets',
      '## Tasks',
      '## Coverage',
    ]);
    expect(markdown).toContain('> Export tasks.\n> As CSV.');
    expect(markdown).toContain('- Status: executing\n- Progress: 80 %');
    expect(markdown).toContain(
      '#### US-001\n\nAs planner, I want to download my tasks as CSV, so that I can sort them in a spreadsheet. (HIGH)',
    );
    expect(markdown).toContain(
      '- [ ] REQ-EXPORT-FUNC-001.1 Three tasks give four lines (node --test test/export.test.js)',
    );
    expect(markdown).toContain('```mermaid\ngraph LR; route-->csv; route-->tasks\n```');
    expect(markdown).toContain('| GET | /tasks.csv | All tasks as CSV |');
    expect(markdown).toContain(
      '- Ticket: TKT-002\n- Type: implementation\n- Hours: 2\n- Files: src/routes/export.js, test/export.test.js, src/app.js\n- Depends on: TSK-001, TSK-002',
    );
    expect(markdown).toContain('100 % of the requirements are covered.');
    expect(markdown).toContain('| REQ-EXPORT-SEC-001 | TSK-002 | TKT-001 | fully covered |');
  });

  test('leaves out what has not been planned yet', () => {
    expect(specMarkdown({ title: 'A', description: 'B', outputs: {} })).toBe('# A\n\n> B\n');
  });

  test('a title or cell cannot break out of its line', () => {
    const requirements = exampleOutput('requirements', {
      requirements: [{ id: 'REQ-A|B', title: 'One\n## Two', text: 'x' }],
    });
    const text = specMarkdown({
      title: 'A\n# B',
      description: '',
      outputs: { requirements, tasks: exampleOutput('tasks') },
    });
    expect(text).toContain('# A # B\n');
    expect(text).toContain('### REQ-A|B: One ## Two\n');
    expect(text).toContain('| REQ-A\\|B |  |  | not covered |');
  });
});
