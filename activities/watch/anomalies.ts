import { badInARow } from '#workflows/domain/watch/anomalies.ts';
import type { Services } from '../ports/services.ts';
import { startDiagnosis } from '../ports/start-diagnosis.ts';
import { deterministicId } from '../support/ids.ts';

/**
 * Reads agents and metrics of a project from what is stored. An agent that is bad three times in a row is diagnosed by its
 * newest task, once, and put into quarantine.
 */
export async function lookForAnomalies(
  services: Pick<Services, 'store' | 'workflows' | 'config'>,
  place: { organization_id: string; project_id: string },
): Promise<void> {
  const { store } = services;
  const { organization_id, project_id } = place;
  await store.anomalies.readProject({ organization_id, project_id });
  for (const { agent, reading, task_id } of await store.anomalies.readAgents({ organization_id, project_id })) {
    if (reading.in_a_row < badInARow) continue;
    const task = task_id ? await store.tasks.get(organization_id, task_id) : null;
    if (task) await startDiagnosis(services, task, 'anomaly', deterministicId(`anomaly:${agent.id}:${reading.at}`));
    await store.agents.quarantine(organization_id, agent.id, {
      reason: `Its last ${reading.in_a_row} readings were unlike its kind; the newest score is ${reading.score}.`,
      by: 'guardian',
    });
  }
}
