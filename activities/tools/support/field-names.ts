import type { JsonSchema } from './json-schema.ts';

/** Names that other harnesses give to fields of the same meaning. */
const meant: Readonly<Record<string, string>> = {
  file_path: 'path',
  filepath: 'path',
  filename: 'path',
  old_string: 'old_text',
  old_str: 'old_text',
  new_string: 'new_text',
  new_str: 'new_text',
  file_text: 'content',
  contents: 'content',
  cmd: 'command',
  timeout: 'timeout_ms',
  run_in_background: 'background',
  workdir: 'cwd',
  regex: 'pattern',
  todos: 'items',
};

/** The input with the tool's own names for its fields. A field that the tool knows, or that is given twice, stays. */
export function renamed(value: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, schema.items ?? {}));
  const known = schema.properties;
  if (typeof value !== 'object' || value === null || !known) return value;
  const given = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(given).map(([name, field]) => {
      const own = Object.hasOwn(known, name) ? name : meant[name];
      const target = own !== undefined && Object.hasOwn(known, own) && (own === name || !(own in given)) ? own : name;
      return [target, renamed(field, known[target] ?? {})];
    }),
  );
}
