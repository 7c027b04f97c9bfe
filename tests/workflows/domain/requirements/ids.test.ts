import { duplicates, idPatterns } from '#workflows/domain/requirements/ids.ts';

test.each<[keyof typeof idPatterns, string[], string[]]>([
  [
    'requirement',
    ['REQ-EXPORT-FUNC-001', 'REQ-TASK-EXPORT-SEC-012', 'REQ-V2-CON-1000'],
    [
      'REQ-001',
      'REQ-EXPORT-001',
      'REQ-EXPORT-FUN-001',
      'REQ-EXPORT-FUNC-01',
      'req-export-func-001',
      'REQ-EXPORT-FUNC-001.1',
    ],
  ],
  ['ticket', ['TKT-001'], ['TKT-1', 'TKT-', 'TICKET-001']],
  ['task', ['TSK-001'], ['TASK-001', 'TSK-001a', 'XTSK-001']],
  ['story', ['US-010'], ['US-1', 'US010']],
  ['design', ['DESIGN-EXPORT-001'], ['DESIGN-001', 'DESIGN-EXPORT']],
])('[PLAN-11] ids of a %s are checked whole', (kind, right, wrong) => {
  expect(right.filter((id) => !idPatterns[kind].test(id))).toEqual([]);
  expect(wrong.filter((id) => idPatterns[kind].test(id))).toEqual([]);
});

test('[PLAN-11] an id that occurs several times is named once', () => {
  expect(duplicates(['A', 'B', 'A', 'A', 'B', 'C'])).toEqual(['A', 'B']);
});
