import type { InstrumentedCommand } from './reader.ts';

/** A command whose output is the report. */
export const printing = (command: string): InstrumentedCommand => ({ command, env: {}, reports: [] });
