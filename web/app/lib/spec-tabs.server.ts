import { listTickets } from '#server/contracts/tickets.ts';
import { phaseData, specEvents, specTraceability, specVersions } from '#server/contracts/specs.ts';
import { phaseNames } from '#workflows/domain/phases/names.ts';
import type { apiFor } from './api.server.ts';
import { ticketLine } from './lines.ts';
import { chapterOfPhase, contentOf } from './phase-outputs.server.ts';

export const specTabs = [
  { id: 'overview', label: 'Overview' },
  { id: 'requirements', label: 'Requirements' },
  { id: 'design', label: 'Design' },
  { id: 'tasks', label: 'Tasks' },
  { id: 'traceability', label: 'Traceability' },
  { id: 'execution', label: 'Execution' },
  { id: 'attempts', label: 'Attempts' },
] as const;
export type TabId = (typeof specTabs)[number]['id'];

export function tabOf(request: Request): TabId {
  const wanted = new URL(request.url).searchParams.get('tab');
  return specTabs.find(({ id }) => id === wanted)?.id ?? 'overview';
}

/** The events that lists of a spec's life show: the important ones, without every turn and cost. */
export const listedEvents = [
  'spec.created',
  'spec.phase_started',
  'spec.phase_retry',
  'spec.phase_completed',
  'spec.phase_failed',
  'spec.gate_waiting',
  'spec.gate_decided',
  'spec.edited',
  'spec.questions_answered',
  'spec.retried',
  'spec.synced',
  'spec.branch_created',
  'spec.status_changed',
  'spec.execution_failed',
  'spec.pr_created',
  'task.started',
  'task.completed',
  'task.failed',
  'task.cancelled',
  'task.validation_failed',
  'task.retry_scheduled',
  'discovery.recorded',
  'discovery.branch_created',
  'merge.started',
  'merge.conflict',
  'merge.completed',
  'merge.failed',
  'cost.budget.warning',
  'cost.budget.exceeded',
  'model.request_refused',
  'pull_request.merged',
  'pull_request.closed',
  'pull_request.reopened',
].join(',');

/** Phases of the overview that have a view of their own. The others show their Markdown chapter. */
const ownView: readonly string[] = ['explore', 'prd'];

/** Loads the data of one tab. */
export async function loadTab(api: ReturnType<typeof apiFor>, id: string, tab: TabId) {
  const params = { id };
  const full = async (phases: string) => (await api(phaseData, { params, query: { phases } })).phases;
  switch (tab) {
    case 'overview': {
      const ids = phaseNames.filter((phase) => phase.tab === tab).map((phase) => phase.id);
      const records = await full(ids.join(','));
      return {
        tab,
        explore: contentOf(records, 'explore'),
        prd: contentOf(records, 'prd'),
        chapters: ids.filter((phase) => !ownView.includes(phase)).map((phase) => chapterOfPhase(records, phase)),
      };
    }
    case 'requirements':
      return { tab, requirements: contentOf(await full('requirements'), 'requirements') };
    case 'design':
      return { tab, design: contentOf(await full('design'), 'design') };
    case 'tasks': {
      const [records, tickets] = await Promise.all([
        full('tasks'),
        api(listTickets, { query: { spec_id: id, limit: 200 } }),
      ]);
      return { tab, plan: contentOf(records, 'tasks'), tickets: tickets.items.map(ticketLine) };
    }
    case 'traceability':
      return { tab, trace: await api(specTraceability, { params }) };
    case 'execution':
      return { tab, events: (await api(specEvents, { params, query: { limit: 60, event_type: listedEvents } })).items };
    case 'attempts': {
      const { items } = await api(specVersions, { params, query: { limit: 20 } });
      return {
        tab,
        versions: items.map(({ number, change_type, details, actor, created_at, snapshot }) => ({
          number,
          change_type,
          details,
          actor,
          created_at,
          /** The phases whose output it has. */
          phases: Object.keys((snapshot as { phases?: object } | null)?.phases ?? {}),
        })),
      };
    }
  }
}
