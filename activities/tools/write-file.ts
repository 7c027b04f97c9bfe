import { z } from 'zod';
import { changesFiles, defineTool } from './support/define-tool.ts';
import { decodeFile, encodeFile, hashOf, linesOf } from './support/file-text.ts';
import { placeholderLine } from './edit/placeholder.ts';
import { refusedPlaceholder } from './edit/plan-edit.ts';
import { currentBytes, finishedBefore, replaceFile } from './edit/replace-file.ts';
import { syntaxProblem } from './support/syntax-check.ts';
import type { ToolContext } from './support/tool.ts';
import { ToolFailure } from './support/tool-failure.ts';
import { counted } from './support/wording.ts';
import { writablePath } from './support/workspace-path.ts';

const schema = z.strictObject({
  path: z
    .string()
    .min(1)
    .meta({ description: 'File, relative to the workspace. Missing folders are created.', examples: ['src/app.ts'] }),
  content: z.string().meta({
    description: 'The whole content of the file, written exactly as given.',
    examples: ['export const answer = 42;\n'],
  }),
});

export const writeFile = defineTool({
  name: 'write_file',
  sessions: ['task', 'merge'],
  effect: 'write',
  description: `Write a whole file: a new one, or a complete rewrite of one that you have read with read_file and that has not changed since. Lines such as "// ... existing code ..." are refused. Write a very long file in parts: the first with write_file, the rest with edit_file.`,
  schema,
  forbidden: changesFiles,
  async run({ path: given, content }, context) {
    const path = writablePath(context, given);
    const current = await currentBytes(context, path);
    const done = await finishedBefore(context, path, current);
    if (done) return done;

    const bytes = encodeFile({ text: content, encoding: 'utf-8', bom: false });
    if (current && hashOf(current) === hashOf(bytes)) {
      return {
        text: `${path} has exactly this content already; nothing was written.`,
        view: { path, hash: hashOf(current) },
      };
    }
    if (current) await checkSeen(context, path, current);
    const old = current ? decodeFile(current).text : '';
    const placeholder = placeholderLine(content, old);
    if (placeholder) throw new ToolFailure('failed', refusedPlaceholder('content', placeholder));

    return replaceFile(context, path, current, bytes, await replyFor(path, current && old, content));
  },
});

async function checkSeen(context: ToolContext, path: string, current: Buffer): Promise<void> {
  const seen = await context.lastView(path);
  if (seen?.hash === hashOf(current)) return;
  const why = seen ? `has changed since you saw it in turn ${seen.turn}` : 'exists, and you have not read it';
  throw new ToolFailure(
    'conflict',
    `${path} ${why}; nothing was written. Call read_file on it first, then write_file again, or change a part of it with edit_file.`,
  );
}

async function replyFor(path: string, old: string | undefined, content: string): Promise<string> {
  const size = counted(linesOf(content).length, 'line');
  const problem = await syntaxProblem(path, content);
  return [
    old === undefined
      ? `Wrote ${path}, a new file of ${size}.`
      : `Wrote ${path}: ${size}, before ${linesOf(old).length}.`,
    ...(old?.includes('\r\n') && !content.includes('\r')
      ? ['Its lines ended with CRLF before and end with LF now; edit_file would have kept CRLF.']
      : []),
    ...(problem
      ? [
          `It does not parse${problem.line === undefined ? '' : `, line ${problem.line}`}: ${problem.message}. Fix it with edit_file unless that is meant.`,
        ]
      : []),
  ].join('\n');
}
