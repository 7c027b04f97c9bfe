import { randomUUID } from 'node:crypto';
import { exampleOutputs } from './phases.ts';
import type { OwnServer } from './own-server.ts';

type Phase = 'explore' | 'prd' | 'requirements' | 'design' | 'tasks' | 'sync';

/** A spec of which these phases have passed. */
export async function plannedSpec(server: OwnServer, phases: readonly Phase[], title = 'Export tasks') {
  const { project, organization } = server.place;
  const words = { project_id: project.id, title, description: 'As CSV.', force_create: true };
  const id = (await server.request('POST', '/specs', words)).body.id as string;
  const outputs = exampleOutputs();
  const { specs } = server.store;
  for (const phase of phases) {
    await specs.startAttempt(organization.id, id, phase, 1, randomUUID());
    await specs.saveOutput(id, phase, 1, outputs[phase]);
    const verdict = { passed: true, score: 1, criteria: [], vetoes: [], feedback: '', judge: null };
    await specs.judgeAttempt(organization.id, id, phase, 1, verdict, 3);
  }
  return { id, outputs };
}
