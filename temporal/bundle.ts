import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const root = path.resolve(import.meta.dirname, '..');
export const bundlePath = path.join(root, '.cache/workflows.js');

/**
 * Bundles the workflows with the payload converter and the interceptors.
 * @param entry the module whose exports are the workflows.
 * @returns the code of the bundle.
 */
export async function bundleWorkflows(entry = path.join(root, 'workflows/index.ts')): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    payloadConverterPath: path.join(root, 'temporal/payloads.cjs'),
    workflowInterceptorModules: [path.join(root, 'temporal/interceptors/workflow.ts')],
    logger: {
      log: () => undefined,
      trace: () => undefined,
      debug: () => undefined,
      info: () => undefined,
      warn: console.warn,
      error: console.error,
    },
  });
  return code;
}
