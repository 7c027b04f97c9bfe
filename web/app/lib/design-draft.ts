import type { DesignOutput } from '#workflows/domain/phases/design.ts';

/** The parts of a design that are edited together. */
export const designSections = ['architecture', 'components', 'interface', 'data', 'safety'] as const;
export type DesignSection = (typeof designSections)[number];

type Note = DesignOutput['integration_points'][number];

/** One remark a line; a remark that is a small object stays JSON. */
const linesOf = (notes: readonly Note[]) =>
  notes.map((note) => (typeof note === 'string' ? note.replace(/\s*\n\s*/g, ' ') : JSON.stringify(note))).join('\n');
const listed = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
const parsed = (line: string): unknown => {
  if (!/^[{[]/.test(line)) return line;
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return line;
  }
};
const notesOf = (text: string) => listed(text).map((line) => parsed(line) as Note);

/** One entry a line: its name, a colon, its value. */
const mappingLines = (mapping: Record<string, unknown>) =>
  Object.entries(mapping)
    .map(
      ([name, value]) =>
        `${name}: ${typeof value === 'string' ? value.replace(/\s*\n\s*/g, ' ') : JSON.stringify(value)}`,
    )
    .join('\n');
const mappingOf = (text: string) =>
  Object.fromEntries(
    listed(text).map((line): [string, unknown] => {
      const at = line.indexOf(':');
      return at < 0 ? [line, ''] : [line.slice(0, at).trim(), parsed(line.slice(at + 1).trim())];
    }),
  );

interface Row {
  /** The fields that the form does not show: they stay. */
  rest: Record<string, unknown>;
  values: Record<string, string>;
}

/** Texts of a section by name, and its rows. */
export interface DesignDraft {
  texts: Record<string, string>;
  rows: Row[];
}

/** The columns of the rows of a section. The other fields of a row stay as they are. */
export const rowFields: Record<DesignSection, readonly { name: string; label: string; lines?: boolean }[]> = {
  architecture: [],
  components: [
    { name: 'name', label: 'Name' },
    { name: 'type', label: 'Type' },
    { name: 'file_path', label: 'File' },
    { name: 'responsibility', label: 'Responsibility', lines: true },
  ],
  interface: [
    { name: 'method', label: 'Method' },
    { name: 'path', label: 'Path' },
    { name: 'description', label: 'Description' },
  ],
  data: [
    { name: 'name', label: 'Name' },
    { name: 'description', label: 'Description' },
    { name: 'fields', label: 'Fields: one name and type a line', lines: true },
  ],
  safety: [],
};

export const textFields: Record<DesignSection, readonly { name: string; label: string; code?: boolean }[]> = {
  architecture: [
    { name: 'architecture_overview', label: 'Overview (Markdown)' },
    { name: 'architecture_diagram', label: 'Diagram (Mermaid)', code: true },
  ],
  components: [],
  interface: [],
  data: [],
  safety: [
    { name: 'error_handling', label: 'Errors: a kind, a colon and what happens, one a line' },
    { name: 'unit_tests', label: 'Unit tests, one a line' },
    { name: 'integration_tests', label: 'Integration tests, one a line' },
    { name: 'security_considerations', label: 'Security, one remark a line' },
    { name: 'integration_points', label: 'Integration points, one a line' },
    { name: 'migration_plan', label: 'Migration: a step, a colon and what it does, one a line' },
  ],
};

const listOf = { components: 'components', interface: 'api_endpoints', data: 'data_models' } as const;
const hasRows = (section: DesignSection): section is keyof typeof listOf => section in listOf;

export function designDraft(design: DesignOutput, section: DesignSection): DesignDraft {
  const tests = design.testing_strategy;
  const texts: Record<string, string> =
    section === 'architecture'
      ? { architecture_overview: design.architecture_overview, architecture_diagram: design.architecture_diagram }
      : section === 'safety'
        ? {
            error_handling: mappingLines(design.error_handling),
            unit_tests: typeof tests === 'string' ? tests : linesOf(tests.unit_tests),
            integration_tests: typeof tests === 'string' ? '' : linesOf(tests.integration_tests),
            security_considerations: linesOf(design.security_considerations),
            integration_points: linesOf(design.integration_points),
            migration_plan: mappingLines(design.migration_plan),
          }
        : {};
  const rows = hasRows(section)
    ? (design[listOf[section]] as Record<string, unknown>[]).map((row) => ({
        rest: Object.fromEntries(
          Object.entries(row).filter(([name]) => !rowFields[section].some((field) => field.name === name)),
        ),
        values: Object.fromEntries(
          rowFields[section].map(({ name }) => [
            name,
            name === 'fields' ? mappingLines(row.fields as Record<string, unknown>) : String(row[name] ?? ''),
          ]),
        ),
      }))
    : [];
  return { texts, rows };
}

/** The parts of the design that the draft of a section changes, as the API takes them. */
export function designChanges(
  before: DesignDraft,
  section: DesignSection,
  draft: DesignDraft,
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  const written = (name: string) => draft.texts[name] ?? '';
  for (const { name } of textFields[section]) {
    if (written(name) === (before.texts[name] ?? '')) continue;
    if (section === 'architecture') changes[name] = written(name);
    else if (name === 'unit_tests' || name === 'integration_tests')
      changes.testing_strategy = {
        unit_tests: notesOf(written('unit_tests')),
        integration_tests: notesOf(written('integration_tests')),
      };
    else
      changes[name] =
        name === 'error_handling' || name === 'migration_plan' ? mappingOf(written(name)) : notesOf(written(name));
  }
  if (hasRows(section) && JSON.stringify(draft.rows) !== JSON.stringify(before.rows))
    changes[listOf[section]] = draft.rows.map(({ rest, values: { fields, ...values } }) => ({
      ...rest,
      ...values,
      ...(fields === undefined
        ? {}
        : {
            fields: Object.fromEntries(Object.entries(mappingOf(fields)).map(([name, type]) => [name, String(type)])),
          }),
    }));
  return changes;
}
