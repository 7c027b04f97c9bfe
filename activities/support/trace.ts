import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf something is done: goes into every log line written meanwhile. */
export interface Trace {
  /** Of the request that set it going, through workflows and their activities. */
  request_id?: string;
  user_id?: string;
  organization_id?: string;
  workflow_id?: string;
  activity?: string;
}

/** OBS-02. The trace of what runs now; none outside of requests and activities. */
export const trace = new AsyncLocalStorage<Trace>();
