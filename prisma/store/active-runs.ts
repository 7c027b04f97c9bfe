import { nextStatuses, statusesOf } from '#workflows/domain/transitions.ts';

/** Statuses of runs that have not ended. */
export const activeStates = statusesOf('run').filter((status) => nextStatuses('run', status).length > 0);
