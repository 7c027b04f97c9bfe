import type { Requirement } from '#workflows/domain/phases/requirements.ts';
import { changesOf, draftOf, mergeDrafts } from '../../web/app/lib/requirement-draft.ts';

const before: Requirement = {
  id: 'REQ-X-FUNC-001',
  title: 'Export',
  type: 'functional',
  category: 'FUNC',
  priority: 'high',
  text: 'WHEN asked, THE SYSTEM SHALL export.',
  acceptance_criteria: [{ id: 'REQ-X-FUNC-001.1', text: 'It exports', check: 'npm test' }],
  dependencies: [],
  notes: '',
};

test('a form that was not touched changes nothing; empty criteria count as none', () => {
  const draft = draftOf(before);
  expect(draft).toMatchObject({ priority: 'HIGH', criteria: [{ text: 'It exports', check: 'npm test' }] });
  expect(changesOf(before, { ...draft, criteria: [...draft.criteria, { text: ' ', check: 'true' }] })).toEqual({
    fields: {},
    changed: false,
  });
  expect(changesOf(before, { ...draft, title: ' Export all ' })).toEqual({
    fields: { title: 'Export all' },
    changed: true,
  });
});

test('two people who change different fields both get theirs; the same field clashes', () => {
  const mine = { ...draftOf(before), text: 'WHEN asked, THE SYSTEM SHALL export all.' };
  expect(mergeDrafts(before, { ...before, title: 'Export everything' }, mine)).toEqual({
    clash: false,
    draft: { ...mine, title: 'Export everything' },
  });
  expect(mergeDrafts(before, { ...before, text: 'WHEN asked, THE SYSTEM SHALL export some.' }, mine)).toEqual({
    clash: true,
    draft: mine,
  });
});
