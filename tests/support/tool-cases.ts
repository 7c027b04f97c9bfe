import { randomUUID } from 'node:crypto';
import type { NewRun } from '#prisma/store/new-run.ts';
import { sha256 } from '#server/http/tokens.ts';
import type { AgentPlace } from './agent-place.ts';
import { plannedSpec } from './planned-spec.ts';

/** The whole name of a tool about plans. */
export const specTool = (name: string) => `mcp__spec_workflow__${name}`;
/** The key of a sandbox whose run is `ids.run`. */
export const sandboxKey = 'sk_agent_sandbox';

export interface Case {
  input: object;
  /** What is seen of it, in its answer. */
  answer: object;
  /** The argument that names the record. Its name also begins the answer about a record that is not there. */
  names: string;
  /** What is seen of it by REST. */
  seen?: [string, object];
}

const text = 'The export writes all rows of a table.';

async function newTicket(place: AgentPlace, title: string): Promise<string> {
  const { project_id } = place;
  const made = await place.call('POST', '/tickets', {
    ...{ project_id, title, description: text, workflow_mode: 'spec_driven', force_create: true },
  });
  return made.body.id;
}

/** A spec that waits at the gate of a phase. */
async function atGate(place: AgentPlace, phase: 'requirements' | 'design' | 'tasks'): Promise<string> {
  const all = ['explore', 'prd', 'requirements', 'design', 'tasks'] as const;
  const { server, organization_id } = place;
  const { id } = await plannedSpec(server, all.slice(0, all.indexOf(phase) + 1), `Export ${phase}`);
  for (const status of ['executing', 'waiting'] as const)
    await server.store.specs.update(organization_id, id, { status });
  await server.store.specs.update(organization_id, id, { waiting_for: 'gate', current_phase: phase });
  return id;
}

/** A project with a record of each kind, and a good call of every tool about them. */
export async function toolCases(place: AgentPlace) {
  const { server, organization_id, project_id } = place;
  const [agent, peer] = [
    await place.register({ elsewhere: true, project_id }),
    await place.register({ elsewhere: true, project_id }),
  ];
  const task = await place.newTask();
  const own = await place.newTask([], 'Handed over');
  const dropped = await place.newTask([], 'Dropped');
  await place.call('POST', `/agents/${agent.id}/work/${own.id}/accept`, undefined, agent.key);
  const thread = await place.call('POST', '/collaboration/threads', {
    ...{ from_agent_id: agent.id, kind: 'review', subject: 'The parser', to: [peer.id] },
  });
  const run = await server.store.runs.create({
    ...{ organization_id, project_id, task_id: task.id, kind: 'task', mode: 'implementation', attempt: 1 },
    ...{ title: 't', opening: '', system_prompt: '', tools: '[]', goal: 'Export', provider: 'p', model: 'm' },
    ...{ sandbox_id: `omoios-${randomUUID()}`, branch: 'b', base_sha: 'a'.repeat(40), max_usd: 1 },
    ...{
      limits: {} as NewRun['limits'],
      terms: { criteria: [], changes_expected: false, context: { kind: 'task' } },
    },
  } as NewRun);
  await server.store.sandboxes.issueKey(run, sha256(sandboxKey));
  const sha = 'c0ffee'.padEnd(40, '0');
  const commit = { sha, subject: 'Export', body: '', author: 'Ada', at: new Date().toISOString(), parents: [] };
  server.commits.push(Object.assign(commit, { files_changed: 1, insertions: 2, deletions: 1 }));
  const specs = {
    requirements: await atGate(place, 'requirements'),
    design: await atGate(place, 'design'),
    tasks: await atGate(place, 'tasks'),
  };
  const versions: Record<string, number> = {};
  for (const [phase, id] of Object.entries(specs))
    versions[phase] = (await place.call('GET', `/specs/${id}`)).body.version;
  const ids: Record<string, string> = {
    ...{
      project: project_id,
      ticket: await newTicket(place, 'Export rows'),
      other: await newTicket(place, 'Read columns'),
    },
    ...{
      task: task.id,
      own: own.id,
      dropped: dropped.id,
      run: run.id,
      agent: agent.id,
      agent_key: agent.key,
      peer: peer.id,
      sha,
    },
    ...{ thread: thread.body.id, ...specs },
  };
  const words = 'It is needed for the report.';
  /** A good call of every tool. */
  const cases: Record<string, () => Case> = {
    create_ticket: () => ({
      input: {
        project_id: ids.project,
        title: 'New',
        description: text,
        workflow_mode: 'spec_driven',
        force_create: true,
      },
      ...{ answer: { title: 'New', status: 'backlog' }, names: 'project_id' },
    }),
    update_ticket: () => ({
      ...{ input: { ticket_id: ids.other, priority: 'HIGH' }, answer: { priority: 'HIGH' }, names: 'ticket_id' },
      seen: [`/tickets/${ids.other}`, { priority: 'HIGH', title: 'Read columns' }],
    }),
    change_ticket_status: () => ({
      input: { ticket_id: ids.other, status: 'analyzing', comment: words },
      ...{ answer: { status: 'analyzing' }, names: 'ticket_id' },
      seen: [`/tickets/${ids.other}/phase-history`, { items: [{ to_status: 'analyzing', reason: words }] }],
    }),
    search_tickets: () => ({
      input: { project_id: ids.project, query: 'export rows', search_mode: 'keyword' },
      ...{ answer: { results: expect.any(Array) }, names: 'project_id' },
    }),
    get_ticket: () => ({ input: { ticket_id: ids.ticket }, answer: { id: ids.ticket }, names: 'ticket_id' }),
    get_tickets: () => ({
      input: { project_id: ids.project, limit: 1 },
      ...{ answer: { items: [expect.anything()], next_cursor: expect.any(String) }, names: 'project_id' },
    }),
    get_ticket_history: () => ({
      input: { ticket_id: ids.ticket },
      answer: { items: expect.arrayContaining([expect.objectContaining({ type: 'ticket.created' })]) },
      names: 'ticket_id',
    }),
    resolve_ticket: () => ({
      input: { ticket_id: ids.ticket, resolution: words },
      // Its gates are not open.
      answer: { error: 'invalid_rule' },
      names: 'ticket_id',
    }),
    add_ticket_comment: () => ({
      ...{ input: { ticket_id: ids.ticket, comment: words }, answer: { text: words }, names: 'ticket_id' },
      seen: [`/tickets/${ids.ticket}/comments`, { items: [{ text: words }] }],
    }),
    link_commit: () => ({
      input: { ticket_id: ids.ticket, commit_sha: 'c0ffee0' },
      ...{ answer: { sha: ids.sha, link_method: 'manual' }, names: 'ticket_id' },
      seen: [`/commits/ticket/${ids.ticket}`, { items: [{ sha: ids.sha }] }],
    }),
    add_ticket_dependency: () => ({
      input: { ticket_id: ids.ticket, depends_on: ids.other },
      ...{ answer: { blocked_by: [ids.other] }, names: 'ticket_id' },
      seen: [`/tickets/${ids.ticket}`, { blocked_by: [ids.other] }],
    }),
    remove_ticket_dependency: () => ({
      input: { ticket_id: ids.ticket, depends_on: ids.other },
      ...{ answer: { blocked_by: [] }, names: 'ticket_id' },
      seen: [`/tickets/${ids.ticket}`, { blocked_by: [] }],
    }),
    get_phase_history: () => ({
      ...{ input: { ticket_id: ids.other }, answer: { items: [{ to_status: 'analyzing' }] }, names: 'ticket_id' },
    }),
    create_task: () => ({
      input: { ticket_id: ids.ticket, phase_id: 'PHASE_IMPLEMENTATION', description: 'Write the rows\nAll of them.' },
      ...{ answer: { ticket_id: ids.ticket, title: 'Write the rows', status: 'pending' }, names: 'ticket_id' },
      seen: [`/tasks?ticket_id=${ids.ticket}`, { items: [{ title: 'Write the rows' }] }],
    }),
    update_task_status: () => ({
      input: { task_id: ids.dropped, status: 'cancelled', comment: words },
      ...{ answer: { status: expect.any(String) }, names: 'task_id' },
      seen: [`/tasks/${ids.dropped}`, { status: 'cancelled' }],
    }),
    get_task: () => ({ input: { task_id: ids.task }, answer: { id: ids.task }, names: 'task_id' }),
    get_task_discoveries: () => ({ input: { task_id: ids.task }, answer: { items: [] }, names: 'task_id' }),
    get_discoveries_by_type: () => ({
      input: { project_id: ids.project, discovery_type: 'bug' },
      ...{ answer: { items: [] }, names: 'project_id' },
    }),
    get_workflow_graph: () => ({ input: { ticket_id: ids.ticket }, answer: { edges: [] }, names: 'ticket_id' }),
    get_task_timeline: () => ({
      input: { task_id: ids.task },
      answer: { items: expect.arrayContaining([expect.objectContaining({ type: 'task.created' })]) },
      names: 'task_id',
    }),
    register_conversation: () => ({
      input: { agent_id: ids.agent, conversation_id: 'c-1', task_id: ids.own },
      ...{ answer: { status: 'stored' }, names: 'agent_id' },
    }),
    report_agent_event: () => ({
      input: { agent_id: ids.agent, event_type: 'tests.passed', event_data: { count: 3 } },
      ...{ answer: { status: 'stored' }, names: 'agent_id' },
    }),
    broadcast_message: () => ({
      input: { thread_id: ids.thread, from_agent_id: ids.agent, to: [ids.peer], content: 'Look.' },
      ...{ answer: { messages: [{ content: 'Look.' }] }, names: 'from_agent_id' },
    }),
    send_message: () => ({
      input: { thread_id: ids.thread, from_agent_id: ids.agent, to_agent_id: ids.peer, content: 'Look at line 3.' },
      ...{ answer: { content: 'Look at line 3.' }, names: 'from_agent_id' },
      seen: [`/collaboration/messages?agent_id=${ids.peer}&limit=1`, { items: [{ content: 'Look at line 3.' }] }],
    }),
    get_messages: () => ({
      input: { agent_id: ids.peer, unread: true, limit: 1 },
      ...{ answer: { items: [{ content: 'Look at line 3.' }] }, names: 'agent_id' },
    }),
    request_handoff: () => ({
      input: { from_agent_id: ids.agent, to_agent_id: ids.peer, task_id: ids.own, reason: words },
      ...{ answer: { kind: 'handoff', status: 'active' }, names: 'from_agent_id' },
    }),
    get_agent_trajectory: () => ({
      ...{ input: { run_id: ids.run }, answer: { items: expect.any(Array) }, names: 'run_id' },
    }),
    [specTool('create_spec')]: () => ({
      input: { project_id: ids.project, title: 'A new plan', description: text, force_create: true },
      ...{ answer: { title: 'A new plan', status: 'draft' }, names: 'project_id' },
    }),
    [specTool('get_spec')]: () => ({ input: { spec_id: ids.design }, answer: { id: ids.design }, names: 'spec_id' }),
    [specTool('list_project_specs')]: () => ({
      input: { project_id: ids.project, search: 'Export design' },
      ...{ answer: { items: [{ id: ids.design }] }, names: 'project_id' },
    }),
    [specTool('add_requirement')]: () => ({
      input: {
        ...{ spec_id: ids.requirements, version: versions.requirements, title: 'Columns' },
        text: 'WHEN a table is exported THE SYSTEM SHALL write its columns.',
        acceptance_criteria: [{ text: 'The first row names the columns.' }],
      },
      ...{ answer: { requirement_id: expect.any(String) }, names: 'spec_id' },
    }),
    [specTool('add_acceptance_criterion')]: () => ({
      input: {
        ...{ spec_id: ids.requirements, version: versions.requirements! + 1, requirement_id: 'REQ-EXPORT-FUNC-001' },
        text: 'An empty table has one row.',
      },
      ...{ answer: { version: versions.requirements! + 2 }, names: 'spec_id' },
    }),
    [specTool('update_design')]: () => ({
      input: {
        spec_id: ids.design,
        version: versions.design,
        design: { architecture_overview: 'One module writes rows.' },
      },
      ...{ answer: { phase: 'design', version: versions.design! + 1 }, names: 'spec_id' },
    }),
    [specTool('add_spec_task')]: () => ({
      input: { spec_id: ids.tasks, version: versions.tasks, title: 'Write columns', description: text },
      ...{ answer: { phase: 'tasks', task_id: expect.any(String) }, names: 'spec_id' },
    }),
    [specTool('create_ticket')]: () => cases.create_ticket!(),
    [specTool('get_ticket')]: () => cases.get_ticket!(),
    [specTool('get_task')]: () => cases.get_task!(),
    // No workflow runs here, so that the call that passes the door is refused by its state.
    [specTool('approve_requirements')]: () => ({
      ...{ input: { spec_id: ids.requirements }, answer: { error: 'conflict' }, names: 'spec_id' },
    }),
    [specTool('approve_design')]: () => ({
      ...{ input: { spec_id: ids.design }, answer: { error: 'conflict' }, names: 'spec_id' },
    }),
  };
  return { ids, cases };
}
