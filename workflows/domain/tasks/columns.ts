/** Columns of the board from left to right, with the statuses shown in each. Every status has a column. */
export interface BoardColumn {
  id: string;
  title: string;
  statuses: readonly string[];
}

export const taskColumns: readonly BoardColumn[] = [
  { id: 'waiting', title: 'Waiting', statuses: ['pending', 'needs_revision'] },
  { id: 'working', title: 'Running', statuses: ['claiming', 'assigned', 'running'] },
  { id: 'review', title: 'In review', statuses: ['pending_validation', 'validating'] },
  { id: 'done', title: 'Done', statuses: ['completed'] },
  { id: 'ended', title: 'Failed or cancelled', statuses: ['failed', 'cancelled'] },
];

export const ticketColumns: readonly BoardColumn[] = [
  { id: 'backlog', title: 'Backlog', statuses: ['pending_review', 'backlog'] },
  { id: 'analyzing', title: 'Analysing', statuses: ['analyzing'] },
  { id: 'building', title: 'Building', statuses: ['building'] },
  { id: 'testing', title: 'Testing', statuses: ['building-done', 'testing'] },
  { id: 'deploying', title: 'Deploying', statuses: ['deploying'] },
  { id: 'done', title: 'Done', statuses: ['done'] },
  { id: 'ended', title: 'Cancelled', statuses: ['cancelled'] },
];
