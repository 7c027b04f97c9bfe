import { z } from 'zod';
import { signal } from './message.ts';

export interface NoticesInput {
  organization_id: string;
  /** Seconds for which what happens is gathered, so that it comes in one mail. */
  gather_seconds: number;
}

/** Somebody is to be told of something. What and how is read in the database. */
export const noticedSignal = signal('noticed', z.strictObject({}));
