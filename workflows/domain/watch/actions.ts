/** What a person with enough authority does to work at large (WATCH-12). */
export const actionKinds = ['cancel_task', 'reallocate', 'override_priority'] as const;
export type ActionKind = (typeof actionKinds)[number];

/** A failed action changed nothing. */
export const actionStatuses = ['started', 'done', 'failed', 'reverted'] as const;

/** What an action changes, as it was before or as it is after it. */
export interface ActionState {
  /** Status of the task. */
  status?: string;
  priority?: string;
  /** Number of places by the id of the agent. */
  capacities?: Record<string, number>;
  /** The task that goes on in place of the one that was cancelled. */
  replaced_by?: string;
}
