import { createRequire } from 'node:module';
import type { DataConverter } from '@temporalio/common';

/** The data converter of client and worker. The workflow bundle contains the same payload converter. */
export const dataConverter: DataConverter = {
  payloadConverterPath: createRequire(import.meta.url).resolve('./payloads.ts'),
};
