import { defaultPlan, gatePhases, phaseIds, phases, progressAt } from '#workflows/domain/phases/index.ts';
import { exampleOutputs, judge } from '#tests/support/phases.ts';

test('[PLAN-04] a spec runs six phases in order', () => {
  expect(phaseIds).toEqual(['explore', 'prd', 'requirements', 'design', 'tasks', 'sync']);
  expect(phaseIds.map((id) => phases[id].id)).toEqual(phaseIds);
  expect(defaultPlan).toEqual({ version: 1, phases: phaseIds });
  expect(gatePhases).toEqual(['requirements', 'design', 'tasks']);
});

test('[PLAN-09] progress is 0, 16, 32, 48, 64, 80 at the start of a phase and 100 at the end', () => {
  expect(phaseIds.map((id) => progressAt(phaseIds, id, 'start'))).toEqual([0, 16, 32, 48, 64, 80]);
  expect(phaseIds.map((id) => progressAt(phaseIds, id, 'end'))).toEqual([16, 32, 48, 64, 80, 100]);
});

test('[PLAN-06] a phase is given the outputs of the phases it builds on', () => {
  expect(Object.fromEntries(phaseIds.map((id) => [id, phases[id].inputs]))).toEqual({
    explore: [],
    prd: ['explore'],
    requirements: ['explore', 'prd'],
    design: ['explore', 'requirements'],
    tasks: ['explore', 'requirements', 'design'],
    sync: ['requirements', 'design', 'tasks'],
  });
});

describe.each(phaseIds)('the gate of %s', (id) => {
  test('[PLAN-12] has weights that sum to 1 and full points for a perfect answer', () => {
    const { criteria, score, passed, vetoes } = judge(id);
    expect(criteria.reduce((sum, criterion) => sum + criterion.weight, 0)).toBeCloseTo(1, 10);
    expect(criteria.filter((criterion) => criterion.value < 1)).toEqual([]);
    expect({ score, passed, vetoes }).toEqual({ score: 1, passed: true, vetoes: [] });
  });

  test('[PLAN-12] is the same every time', () => {
    expect(judge(id, {}, exampleOutputs())).toEqual(judge(id, {}, exampleOutputs()));
  });
});
