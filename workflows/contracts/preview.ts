import { z } from 'zod';
import { signal } from './message.ts';

/** One start of the preview of a sandbox. */
export interface PreviewInput {
  organization_id: string;
  project_id: string;
  preview_id: string;
  attempt: number;
  /** Task queue of the machine that reaches the sandbox. */
  sandbox_queue: string;
  port: number;
  /** The dev server is started by this command at once. Null: the agent's own server is waited for first. */
  command: string | null;
  /** Milliseconds: the wait for the agent's own server, then for the dev server. */
  wait_ms: number;
  start_ms: number;
}

/** The server in the sandbox serves on this port. */
export const servingSignal = signal('serving', z.strictObject({ port: z.number().int().min(1).max(65_535) }));
/** A person stopped the preview, as its row says. */
export const stopPreviewSignal = signal('stop', z.strictObject({}));
