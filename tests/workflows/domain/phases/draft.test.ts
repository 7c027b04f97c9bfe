import fc from 'fast-check';
import { completeDraft, mergeDraft } from '#workflows/domain/phases/draft.ts';
import type { PhaseDraft } from '#workflows/domain/phases/draft.ts';

describe('[PLAN-07] partial submissions', () => {
  test('items are added by their id, and the flag is gone', () => {
    const skeleton = mergeDraft({}, { partial: true, feature_name: 'Export', tasks: [] });
    const one = mergeDraft(skeleton, { partial: true, tasks: [{ id: 'TSK-001', title: 'A' }] });
    const two = mergeDraft(one, { partial: true, tasks: [{ id: 'TSK-002', title: 'B' }] });
    expect(two).toEqual({
      feature_name: 'Export',
      tasks: [
        { id: 'TSK-001', title: 'A' },
        { id: 'TSK-002', title: 'B' },
      ],
    });
  });

  test('a known item is patched, its lists replaced, so that a dependency can go', () => {
    const stored = {
      tasks: [{ id: 'TSK-001', title: 'A', dependencies: { depends_on: ['TSK-002'], blocks: ['TSK-003'] } }],
    };
    expect(mergeDraft(stored, { tasks: [{ id: 'TSK-001', dependencies: { depends_on: [] } }] })).toEqual({
      tasks: [{ id: 'TSK-001', title: 'A', dependencies: { depends_on: [], blocks: ['TSK-003'] } }],
    });
  });

  test('without ids, items meet by name, path or category, and their lists grow', () => {
    const stored = {
      components: [{ name: 'csv', type: 'module' }],
      key_files: [{ path: 'a.js' }],
      discovery_questions: [{ category: 'Scope', questions: ['A?'] }],
    };
    const added = {
      components: [{ name: 'csv', responsibility: 'rows' }],
      key_files: [{ path: 'a.js', purpose: 'entry' }],
      discovery_questions: [{ category: 'Scope', questions: ['B?', 'A?'] }],
    };
    expect(mergeDraft(stored, added)).toEqual({
      components: [{ name: 'csv', type: 'module', responsibility: 'rows' }],
      key_files: [{ path: 'a.js', purpose: 'entry' }],
      discovery_questions: [{ category: 'Scope', questions: ['A?', 'B?'] }],
    });
  });

  test('two methods of one path are two endpoints', () => {
    const stored = { api_endpoints: [{ method: 'GET', path: '/tasks' }] };
    expect(mergeDraft(stored, { api_endpoints: [{ method: 'POST', path: '/tasks' }] }).api_endpoints).toEqual([
      { method: 'GET', path: '/tasks' },
      { method: 'POST', path: '/tasks' },
    ]);
  });

  test('other items are appended once, objects merge deep, other values replace', () => {
    const stored = {
      assumptions: ['A'],
      risks: [{ description: 'R', impact: 'high' }],
      goals: { primary: ['P'] },
      prd_version: '1',
    };
    const added = {
      assumptions: ['A', 'B'],
      risks: [{ impact: 'high', description: 'R' }],
      goals: { secondary: ['S'] },
      prd_version: '2',
    };
    expect(mergeDraft(stored, added)).toEqual({
      assumptions: ['A', 'B'],
      risks: [{ description: 'R', impact: 'high' }],
      goals: { primary: ['P'], secondary: ['S'] },
      prd_version: '2',
    });
  });

  test('duplicates within one submission stay, for the gate to name', () => {
    const twice = {
      tasks: [
        { id: 'TSK-001', title: 'A' },
        { id: 'TSK-001', title: 'B' },
      ],
    };
    expect(mergeDraft(mergeDraft({}, twice), twice)).toEqual(twice);
  });

  test('neither draft nor submission is changed', () => {
    const stored = { tasks: [{ id: 'TSK-001', files: ['a'] }] };
    mergeDraft(stored, { tasks: [{ id: 'TSK-001', files: ['b'] }, { id: 'TSK-002' }] });
    expect(stored).toEqual({ tasks: [{ id: 'TSK-001', files: ['a'] }] });
  });

  const scalar = fc.oneof(
    fc.constantFrom('A', 'B', 'C'),
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.constant(null),
  );
  const field = fc.constantFrom('id', 'name', 'path', 'category', 'tasks', 'other', '__proto__');
  const { object } = fc.letrec<{ object: PhaseDraft; value: unknown }>((tie) => ({
    object: fc.dictionary(field, tie('value'), { maxKeys: 4 }),
    value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 4 }), tie('object')),
  }));

  test('submitting the same part again changes nothing', () => {
    fc.assert(
      fc.property(object, object, (stored, partial) => {
        const once = mergeDraft(stored, partial);
        expect(mergeDraft(once, partial)).toEqual(once);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('[PLAN-07] the submission that closes a draft', () => {
  test('continues a draft that was not judged', () => {
    expect(completeDraft({ tasks: [{ id: 'TSK-001' }] }, { tasks: [{ id: 'TSK-002' }] }, { judged: false })).toEqual({
      tasks: [{ id: 'TSK-001' }, { id: 'TSK-002' }],
    });
    expect(completeDraft({ tasks: [{ id: 'TSK-001' }] }, {}, { judged: false })).toEqual({
      tasks: [{ id: 'TSK-001' }],
    });
  });

  test('corrects one that was turned down: what it gives replaces, so that a list can lose items', () => {
    const judged = { feature_name: 'Export', tasks: [{ id: 'TASK-1' }], blockers: ['A'] };
    expect(
      completeDraft(judged, { partial: false, tasks: [{ id: 'TSK-001' }], blockers: [] }, { judged: true }),
    ).toEqual({
      feature_name: 'Export',
      tasks: [{ id: 'TSK-001' }],
      blockers: [],
    });
  });
});
