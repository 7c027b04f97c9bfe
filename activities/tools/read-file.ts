import { z } from 'zod';
import { cutStart } from '#workflows/domain/text.ts';
import { defineTool } from './support/define-tool.ts';
import { decodeFile, type FileText, hashOf, linesOf } from './support/file-text.ts';
import { type FileType, fileType } from './support/file-type.ts';
import { missingFile } from './support/missing-file.ts';
import { readingSessions, type ToolContext, type ToolResult } from './support/tool.ts';
import { storingFilter } from './support/stored-by-filter.ts';
import { ToolFailure } from './support/tool-failure.ts';
import { counted, digits } from './support/wording.ts';
import { shownPath, workspacePath } from './support/workspace-path.ts';

const schema = z.strictObject({
  path: z
    .string()
    .min(1)
    .meta({ description: 'File or folder, relative to the workspace.', examples: ['src/app.ts'] }),
  offset: z.int().min(1).optional().meta({ description: 'First line to show, from 1.' }),
  limit: z.int().min(1).optional().meta({ description: 'How many lines, 2000 at most.' }),
});

const MAX_LINES = 2_000;
const MAX_LINE_CHARACTERS = 2_000;
const MAX_BYTES = 50 * 1024;
/** Characters reserved for the footer and its notes. */
const FOOTER_ROOM = 600;
const MAX_FILE_BYTES = 20 * 1024 * 1024;
const MAX_ENTRIES = 200;
/** 5 MB in base64, the limit of the Messages API. */
const MAX_IMAGE_BYTES = 3_900_000;
/** The API refuses larger ones in a conversation of many images, which would end the run. */
const MAX_IMAGE_PIXELS = 2_000;

export const readFile = defineTool({
  name: 'read_file',
  sessions: readingSessions,
  effect: 'read',
  description: `Read a text file, with line numbers as "N: text", or look at an image (PNG, JPEG, GIF, WebP). A folder lists its entries. Shows at most ${MAX_LINES} lines or 50 KB, of each line ${MAX_LINE_CHARACTERS} characters; the last line says how to continue.`,
  schema,
  async run({ path: given, offset = 1, limit = MAX_LINES }, context) {
    const path = workspacePath(context, given);
    const { port, id } = context.sandbox;
    const found = await port.stat(id, path);
    if (!found) throw await missingFile(context, path, 'Call read_file with a path that exists.');
    if (found.kind === 'directory') return { text: listing(path, await port.readDirectory(id, path)) };
    if (found.kind === 'other')
      throw new ToolFailure(
        'failed',
        `${path} is neither a file nor a folder (a device, socket or pipe). Use bash for it.`,
      );
    if (found.size > MAX_FILE_BYTES)
      throw new ToolFailure(
        'failed',
        `${path} has ${digits(found.size)} bytes, too many to read here. Use bash: sed -n '1,200p', tail, or grep -n.`,
      );

    const bytes = await port.readFile(id, path);
    const type = fileType(bytes);
    if (type.kind === 'image') return image(path, bytes, type);
    if (type.kind === 'binary') throw new ToolFailure('failed', refusedBinary(path, bytes, type.name));
    return page(context, path, bytes, offset, Math.min(limit, MAX_LINES));
  },
});

async function page(
  context: ToolContext,
  path: string,
  bytes: Buffer,
  offset: number,
  limit: number,
): Promise<ToolResult> {
  const file = decodeFile(bytes);
  const lines = linesOf(file.text);
  if (offset > Math.max(lines.length, 1))
    throw new ToolFailure(
      'failed',
      `${path} has ${counted(lines.length, 'line')}; offset=${offset} is past its end. Call read_file with a smaller offset.`,
    );

  const rows = rowsOf(
    lines,
    offset,
    limit,
    context.limits.result_chars - Math.min(FOOTER_ROOM, context.limits.result_chars / 2),
  );
  const last = offset + rows.length - 1;
  const hash = hashOf(bytes);
  const seen = await context.lastView(path);
  if (seen?.hash === hash && seen.from_line === offset && seen.to_line === last) {
    // Not a new view: the content is in that turn's result, not in this one.
    return {
      text: `${path}, lines ${offset}-${last} of ${digits(lines.length)}: unchanged since turn ${seen.turn}, where you read the same lines. Give another offset to see more.`,
    };
  }
  const end =
    last >= lines.length
      ? `end, ${counted(lines.length, 'line')}`
      : `${offset}-${last} of ${digits(lines.length)}; offset=${last + 1} continues`;
  return {
    text: [
      ...rows,
      `[${[end, ...peculiarities(path, bytes, file, lines.slice(offset - 1, last), offset)].join('; ')}]`,
    ].join('\n'),
    view: { path, hash, from_line: offset, to_line: last },
  };
}

function rowsOf(lines: readonly string[], offset: number, limit: number, room: number): string[] {
  const rows: string[] = [];
  let bytes = 0;
  let characters = 0;
  for (const [index, line] of lines.slice(offset - 1, offset - 1 + limit).entries()) {
    const row = `${offset + index}: ${line.length > MAX_LINE_CHARACTERS ? `${cutStart(line, MAX_LINE_CHARACTERS)}[... ${digits(line.length)} characters in all]` : line}`;
    bytes += Buffer.byteLength(row) + 1;
    characters += row.length + 1;
    if (rows.length > 0 && (bytes > MAX_BYTES || characters > room)) break;
    rows.push(row);
  }
  return rows;
}

/** Facts about the file that the numbered lines do not show. */
function peculiarities(
  path: string,
  bytes: Buffer,
  file: FileText,
  shown: readonly string[],
  offset: number,
): string[] {
  const long = shown.findIndex((line) => line.length > MAX_LINE_CHARACTERS);
  return [
    file.text !== '' && !file.text.endsWith('\n') && 'no newline at the end',
    file.text.includes('\r\n') && (/(?<!\r)\n/.test(file.text) ? 'some lines end with CRLF' : 'lines end with CRLF'),
    file.bom && 'begins with a byte order mark',
    storingFilter(bytes) === 'lfs' &&
      'a Git LFS pointer: the content itself is not in the repository, and a change of it is not committed',
    file.encoding === 'latin1' && 'not UTF-8, read as Latin-1',
    long !== -1 &&
      `long lines cut at ${digits(MAX_LINE_CHARACTERS)} characters, bash shows the rest: sed -n ${offset + long}p ${path} | cut -c${MAX_LINE_CHARACTERS + 1}-`,
  ].filter((note) => note !== false);
}

function listing(path: string, entries: readonly string[]): string {
  const more =
    entries.length > MAX_ENTRIES
      ? [`[${counted(entries.length - MAX_ENTRIES, 'entry', 'entries')} more; call list_files with a glob]`]
      : [];
  return [
    `${shownPath(path)} is a folder of ${counted(entries.length, 'entry', 'entries')}:`,
    ...entries.slice(0, MAX_ENTRIES),
    ...more,
  ].join('\n');
}

function image(
  path: string,
  bytes: Buffer,
  { mediaType, width, height }: Extract<FileType, { kind: 'image' }>,
): ToolResult {
  const what = `${path}: ${mediaType}, ${width} x ${height} pixels, ${digits(bytes.length)} bytes`;
  if (bytes.length > MAX_IMAGE_BYTES || Math.max(width, height) > MAX_IMAGE_PIXELS || width * height === 0) {
    throw new ToolFailure(
      'failed',
      `${what}, cannot be shown: at most ${digits(MAX_IMAGE_BYTES)} bytes and ${digits(MAX_IMAGE_PIXELS)} pixels a side. Make a smaller copy with bash and call read_file on that.`,
    );
  }
  return { text: what, image: { media_type: mediaType, data: bytes.toString('base64') } };
}

function refusedBinary(path: string, bytes: Buffer, name: string): string {
  const next =
    name === 'UTF-16 text'
      ? `Turn a copy into UTF-8 with bash (iconv -f UTF-16 -t UTF-8 ${path}) and read that.`
      : 'Use a program for its format with bash.';
  return `${path} is binary (${name}, ${digits(bytes.length)} bytes) and is not shown. ${next}`;
}
