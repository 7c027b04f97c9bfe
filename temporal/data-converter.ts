import { createRequire } from 'node:module';
import type { DataConverter } from '@temporalio/common';

/** Used alike by client and worker; the workflow bundle brings the same file. */
export const dataConverter: DataConverter = {
  payloadConverterPath: createRequire(import.meta.url).resolve('./payloads.ts'),
};
