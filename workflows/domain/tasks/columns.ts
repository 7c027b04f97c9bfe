/** Columns of the board from left to right, with the statuses shown in each. Every status has a column. */
export interface BoardColumn {
  id: string;
  title: string;
  statuses: readonly string[];
}

/** A column of tickets, with the phases that it shows and the status of a ticket that is moved into it. */
export interface TicketColumn extends BoardColumn {
  phases: readonly string[];
  entry: string;
}

/** The columns whose tickets are limited (PLAN-28). */
export const limitedColumns = ['analyzing', 'building', 'testing', 'deploying'] as const;
export type WipLimits = Partial<Record<(typeof limitedColumns)[number], number | null>>;

export const taskColumns: readonly BoardColumn[] = [
  { id: 'waiting', title: 'Waiting', statuses: ['pending', 'needs_revision'] },
  { id: 'working', title: 'Running', statuses: ['claiming', 'assigned', 'running'] },
  { id: 'review', title: 'In review', statuses: ['pending_validation', 'validating'] },
  { id: 'done', title: 'Done', statuses: ['completed'] },
  { id: 'ended', title: 'Failed or cancelled', statuses: ['failed', 'cancelled'] },
];

export const ticketColumns: readonly TicketColumn[] = [
  {
    ...{ id: 'backlog', title: 'Backlog', statuses: ['pending_review', 'backlog'] },
    ...{ phases: ['PHASE_BACKLOG'], entry: 'backlog' },
  },
  {
    ...{ id: 'analyzing', title: 'Analysing', statuses: ['analyzing'] },
    ...{ phases: ['PHASE_REQUIREMENTS', 'PHASE_DESIGN'], entry: 'analyzing' },
  },
  {
    ...{ id: 'building', title: 'Building', statuses: ['building'] },
    ...{ phases: ['PHASE_IMPLEMENTATION'], entry: 'building' },
  },
  {
    ...{ id: 'testing', title: 'Testing', statuses: ['building-done', 'testing'] },
    ...{ phases: ['PHASE_TESTING'], entry: 'testing' },
  },
  {
    ...{ id: 'deploying', title: 'Deploying', statuses: ['deploying'] },
    ...{ phases: ['PHASE_DEPLOYMENT'], entry: 'deploying' },
  },
  { ...{ id: 'done', title: 'Done', statuses: ['done'] }, ...{ phases: ['PHASE_DONE'], entry: 'done' } },
  { ...{ id: 'ended', title: 'Cancelled', statuses: ['cancelled'] }, ...{ phases: [], entry: 'cancelled' } },
];

/** The column that shows tickets of a status. */
export const columnOfStatus = (status: string): TicketColumn | undefined =>
  ticketColumns.find(({ statuses }) => statuses.includes(status));

/** @param name the id of a column, or a phase that it shows. */
export const columnOf = (name: string): TicketColumn | undefined =>
  ticketColumns.find(({ id, phases }) => id === name || phases.includes(name));
