import { createHash } from 'node:crypto';
import { checksumText } from '#workflows/domain/agents/heartbeat.ts';
import { OwnServer } from './own-server.ts';

/** A server of its own with calls about agents. */
export class AgentPlace {
  readonly project_id: string;
  readonly organization_id: string;
  protected constructor(readonly server: OwnServer) {
    this.project_id = server.place.project.id;
    this.organization_id = server.place.organization.id;
  }

  static start = async (name: string) => new AgentPlace(await OwnServer.start(name));

  close = (): Promise<void> => this.server.close();

  /** @param key of an agent; by default an owner calls. */
  call = (method: string, address: string, body?: object, key?: string) =>
    this.server.request(method, address, body, key);

  register = async (fields: object = {}) =>
    (await this.call('POST', '/agents/register', { agent_type: 'worker', phase_id: 'PHASE_IMPLEMENTATION', ...fields }))
      .body;

  async newTask(required_capabilities: string[] = [], title = 'Export') {
    const { project_id, organization_id, server } = this;
    const description = 'It is done once.';
    const { ticket } = await server.store.tickets.create({
      ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_IMPLEMENTATION', status: 'backlog' },
      ...{ title, description, priority: 'LOW', workflow_mode: 'quick' },
    });
    return server.store.tasks.create({
      ...{ organization_id, project_id, ticket_id: ticket.id, phase_id: 'PHASE_IMPLEMENTATION', title },
      ...{ task_type: 'implement_feature', priority: 'LOW', description, required_capabilities },
    });
  }
}

/** A heartbeat with its checksum. */
export function beatOf(sequence_number: number, fields: object = {}) {
  const beat = {
    ...{ timestamp: '2026-01-01T00:00:00Z', sequence_number, status: 'idle', current_task_id: null },
    ...{ health_metrics: { cpu: 0.5, memory_mb: 120 }, ...fields },
  };
  return { ...beat, checksum: createHash('sha256').update(checksumText(beat)).digest('hex') };
}
