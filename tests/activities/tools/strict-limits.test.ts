import { rules } from '#activities/adapters/model/strict/index.ts';
import { agentTools } from '#activities/tools/index.ts';
import { createToolBox } from '#activities/tools/support/tool-box.ts';
import { allSessions } from '#activities/tools/support/tool.ts';
import { phaseIds, planSession, type SessionPhase } from '#workflows/domain/phases/index.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import { refusalOf, request, type Json } from '../adapters/model/strict/request.ts';

const box = createToolBox({ store: {} } as Parameters<typeof createToolBox>[0], agentTools);
const sessions: [RunKind, SessionPhase | null][] = [
  ...phaseIds.map((phase): [RunKind, SessionPhase] => ['phase', phase]),
  ['phase', planSession],
  ...allSessions.filter((kind) => kind !== 'phase').map((kind): [RunKind, null] => [kind, null]),
];
const toolsOf = (kind: RunKind, phase: SessionPhase | null) =>
  JSON.parse(box.definitions({ kind, phase, collaborates: true })) as Json[];

test.each(sessions)('the strict tools of %s %s keep within the limits of the wire', (kind, phase) => {
  expect(refusalOf(request({ tools: toolsOf(kind, phase) }))).toBeUndefined();
});

test('the tool of a compact plan is not strict, since a strict one would be refused', () => {
  const tools = toolsOf('phase', planSession);
  const plan = tools.find(({ name }) => name === 'submit_plan');
  expect(plan).not.toHaveProperty('strict');
  expect(refusalOf(request({ tools: [{ ...plan, strict: true }] }))).toMatch(/400/);
});

test('the session of a compact plan is offered one tool to submit with', () => {
  const submits = toolsOf('phase', planSession).filter(({ name }) => String(name).startsWith('submit_'));
  expect(submits.map(({ name }) => name)).toEqual(['submit_plan']);
  expect(rules.map(({ name }) => name)).toContain('number of strict tools');
});
