// Loaded before the application alone. TEST_DOUBLE is `{importer} {module} {double}`: where that file imports the module it
// is given the double, which may import the module itself.
import { register } from 'node:module';

if (process.argv[1]?.endsWith('server/main.ts')) {
  const [importer, module, double] = process.env.TEST_DOUBLE.split(' ');
  const hooks = `export const resolve = (specifier, context, next) =>
    specifier === ${JSON.stringify(module)} && context.parentURL?.endsWith(${JSON.stringify(importer)})
      ? { url: ${JSON.stringify(import.meta.resolve(double))}, shortCircuit: true, format: 'module' }
      : next(specifier, context);`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
