import { z } from 'zod';
import { changesFiles, defineTool } from './support/define-tool.ts';
import { hashOf } from './support/file-text.ts';
import { missingFile } from './support/missing-file.ts';
import { planEdits, type Edit } from './edit/plan-edit.ts';
import { currentBytes, finishedBefore, replaceFile } from './edit/replace-file.ts';
import type { FileView } from './support/tool.ts';
import { writablePath } from './support/workspace-path.ts';

const oldText = z.string().meta({
  description: 'The text to replace, as the file has it, without line numbers.',
  examples: ['const limit = 10;'],
});
const newText = z
  .string()
  .meta({ description: 'What to put in its place; empty to delete it.', examples: ['const limit = 20;'] });
const replaceAll = z.boolean().optional().meta({ description: 'Replace every occurrence instead of exactly one.' });

const schema = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .meta({ description: 'File, relative to the workspace.', examples: ['src/app.ts'] }),
    old_text: oldText.optional(),
    new_text: newText.optional(),
    replace_all: replaceAll,
    edits: z
      .array(z.strictObject({ old_text: z.string(), new_text: z.string(), replace_all: z.boolean().optional() }))
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'Several edits in one call, instead of old_text and new_text.' }),
  })
  .refine(
    ({ old_text, new_text, edits }) => (edits === undefined) === (old_text !== undefined && new_text !== undefined),
    {
      message: 'Invalid input: expected old_text and new_text, or edits',
    },
  )
  .meta({ examples: [{ path: 'src/app.ts', old_text: 'const limit = 10;', new_text: 'const limit = 20;' }] });

export const editFile = defineTool({
  name: 'edit_file',
  sessions: ['task', 'merge'],
  effect: 'write',
  description: `Change an existing file: replace old_text, or several pieces with edits, each in the text that the one before left; all are made or none. The reply shows the changed lines.
old_text must occur exactly once (or give replace_all): copy it from read_file without the "N: " numbers, with its indentation and with enough lines around it. Other line endings, blanks at line ends and one uniform difference of indentation are bridged; nothing is guessed. Line endings, byte order mark and final newline of the file stay as they are. An edit that would newly break the syntax of a JSON, YAML, JavaScript or TypeScript file is refused: make such a change in one call.`,
  schema,
  forbidden: changesFiles,
  async run(input, context) {
    const path = writablePath(context, input.path);
    const current = await currentBytes(context, path);
    const seen = await context.lastView(path);
    const done = await finishedBefore(context, path, current);
    if (done) return done;
    if (!current) throw await missingFile(context, path, 'To make a new file call write_file.');

    const { bytes, headline, snippet } = await planEdits(path, current, editsOf(input));
    const reply = [headline, ...staleness(path, seen, hashOf(current)), snippet].join('\n');
    return replaceFile(context, path, current, bytes, reply);
  },
});

const editsOf = ({ edits, old_text = '', new_text = '', replace_all }: z.output<typeof schema>): Edit[] =>
  edits ?? [{ old_text, new_text, replace_all }];

function staleness(path: string, seen: FileView | undefined, hash: string): string[] {
  if (!seen) return [`You had not read ${path} before; the rest of it is as it was.`];
  return seen.hash === hash
    ? []
    : [`${path} had changed since you saw it in turn ${seen.turn}: read_file shows it as it is now.`];
}
