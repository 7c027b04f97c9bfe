export interface ReadFile {
  /** Relative to the chosen folder, with its own name in front; the bare name of a file that was chosen alone. */
  path: string;
  text: string;
}

type Read =
  | { files: { path: string; content: string }[] }
  | { spec: { title: string; description?: string }; phases?: Record<string, unknown> }
  | { problem: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fromJson({ path, text }: ReadFile): Read {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    return { problem: `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}.` };
  }
  if (isRecord(read) && Array.isArray(read.files)) return { files: read.files as { path: string; content: string }[] };
  if (!isRecord(read) || !isRecord(read.spec) || typeof read.spec.title !== 'string')
    return { problem: `${path} has no spec with a title. Choose a file that the export of a spec has written.` };
  const { title, description } = read.spec;
  return {
    spec: { title, ...(typeof description === 'string' ? { description } : {}) },
    ...(isRecord(read.phases) ? { phases: read.phases } : {}),
  };
}

/** What an import of chosen files sends: an export as JSON, or a folder of Markdown files around SPEC_SUMMARY.md. */
export function importBody(chosen: readonly ReadFile[]): Read {
  const [only] = chosen;
  if (only && chosen.length === 1 && /\.json$/i.test(only.path)) return fromJson(only);
  const summary = chosen.find(({ path }) => /(^|\/)SPEC_SUMMARY\.md$/.test(path));
  if (!summary)
    return { problem: 'SPEC_SUMMARY.md is missing. Choose the folder of an export, or one JSON file of an export.' };
  const root = summary.path.slice(0, -'SPEC_SUMMARY.md'.length);
  return {
    files: chosen
      .filter(({ path }) => path.startsWith(root) && path.endsWith('.md'))
      .map(({ path, text }) => ({ path: path.slice(root.length), content: text })),
  };
}
