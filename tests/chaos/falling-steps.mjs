// Loaded before the application alone: its workers are given steps that fall (falling-activities.ts) instead of its own.
import { register } from 'node:module';

if (process.argv[1]?.endsWith('server/main.ts')) {
  const hooks = `export const resolve = (specifier, context, next) =>
    specifier === '#activities/index.ts' && context.parentURL?.endsWith('/temporal/worker.ts')
      ? { url: ${JSON.stringify(import.meta.resolve('./falling-activities.ts'))}, shortCircuit: true, format: 'module' }
      : next(specifier, context);`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
