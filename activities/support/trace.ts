import { AsyncLocalStorage } from 'node:async_hooks';

/** The request, user and workflow that the present work belongs to. Every log line contains them. */
export interface Trace {
  /** Id of the request that started the work. Workflows and their activities pass it on. */
  request_id?: string;
  user_id?: string;
  organization_id?: string;
  workflow_id?: string;
  activity?: string;
}

/** OBS-02: the trace of the running request or activity; undefined outside of them. */
export const trace = new AsyncLocalStorage<Trace>();
