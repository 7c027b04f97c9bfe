import { namedRequirements, namedTickets } from '#workflows/domain/merge/named-tickets.ts';

const id = '0b54b9f0-7f2e-4a3e-9c55-0a4a2d4f7b10';

describe('the tickets that a commit message names', () => {
  test.each<[string, string[], string[]]>([
    ['TKT-3: add a search', ['TKT-3'], []],
    ['Add a search (#TKT-4), see tkt-7 and TKT-4', ['TKT-4', 'TKT-7'], []],
    ["Merge branch 'feature/TKT-3-add-search' into main", ['TKT-3'], []],
    [`Add a search\n\nticket-${id.toUpperCase()}`, [], [id]],
    ['Fixes #4, closes #5; resolved #6\nfix: #7', ['TKT-4', 'TKT-5', 'TKT-6', 'TKT-7'], []],
    ['#8 is not closed, nor is prefix #9', [], []],
    ['XTKT-1, A-TKT-2, TKT-3x, TKT-x, TKT-, ticket-12', [], []],
    ['', [], []],
  ])('%j', (message, keys, ids) => {
    expect(namedTickets(message, true)).toEqual({ keys, ids });
  });

  test('a number after "fixes" is one of the code host, where the project has one', () => {
    expect(namedTickets('TKT-1: fixes #2', false)).toEqual({ keys: ['TKT-1'], ids: [] });
  });
});

test('[GIT-09] a commit message names requirements in its words and trailers, each once', () => {
  const message = 'Add REQ-TASK-EXPORT-FUNC-001 (and REQ-A-SEC-0012)\n\nRequirement: REQ-TASK-EXPORT-FUNC-001';
  expect(namedRequirements(message)).toEqual(['REQ-TASK-EXPORT-FUNC-001', 'REQ-A-SEC-0012']);
  expect(namedRequirements('REQ-A-FUNC-1, XREQ-A-FUNC-001, REQ-A-FUNC-001-b, req-a-func-001')).toEqual([]);
});
