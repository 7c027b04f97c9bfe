import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import type { Played, Reply } from './played-model.ts';
import { testCommand } from './repository.ts';
import { call } from './scripts.ts';

const sdkVersion = '0.3.332';

/** The node_modules of the Claude Agent SDK on this machine, installed at the first use. */
export function sdkFolder(): string {
  const dir = path.join(rootDir, '.cache', `agent-sdk-${sdkVersion}`);
  const folder = path.join(dir, 'node_modules');
  if (!existsSync(path.join(folder, '@anthropic-ai/claude-agent-sdk'))) {
    mkdirSync(dir, { recursive: true });
    const name = `@anthropic-ai/claude-agent-sdk@${sdkVersion}`;
    execFileSync('npm', [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--prefix',
      dir,
      name,
      'zod',
    ]);
  }
  return folder;
}

/** Whether the SDK asks for the conversation of a run, and no session of the platform's own loop. */
export const isOfProgram = ({ body }: Pick<Played, 'body'>): boolean =>
  (body.tools ?? []).some(({ name }) => name === 'mcp__omoios__complete_task');

/** Steps that are made: answers with calls. When a session is resumed, the SDK may add an answer of its own without any. */
export const stepOf = ({ body }: Pick<Played, 'body'>): number =>
  body.messages.filter(
    ({ role, content }) =>
      role === 'assistant' && Array.isArray(content) && content.some(({ type }) => type === 'tool_use'),
  ).length;

/** Work by the tools of the SDK: it writes the files, runs the tests, and claims completion. */
export function finishByProgram(request: Played, files: Record<string, string>, command = testCommand): Reply {
  const step = stepOf(request);
  if (step === 0)
    return {
      text: 'I write the files.',
      tools: Object.entries(files).map(([name, text]) =>
        call('Bash', {
          command: `mkdir -p "$(dirname '${name}')" && cat > '${name}' <<'END_OF_FILE'\n${text}END_OF_FILE\n`,
        }),
      ),
    };
  if (step === 1) return { text: 'I run the tests.', tools: [call('Bash', { command })] };
  const criteria = request.context.criteria ?? [];
  const evidence = criteria.length > 0 ? criteria.map(({ id }) => ({ criterion_id: id, command })) : [{ command }];
  const claim = { summary: `Wrote ${Object.keys(files).join(', ')}.`, evidence };
  return step === 2 ? { tools: [call('mcp__omoios__complete_task', claim)] } : { text: 'The claim is made.' };
}

/** A folder of node_modules with a played SDK, which the checkout has without a download. */
export function playedSdkFolder(): string {
  const folder = path.join(rootDir, '.cache/played-sdk/node_modules');
  const at = path.join(folder, '@anthropic-ai/claude-agent-sdk');
  mkdirSync(at, { recursive: true });
  copyFileSync(path.join(import.meta.dirname, 'played-sdk.mjs'), path.join(at, 'sdk.mjs'));
  writeFileSync(path.join(at, 'package.json'), JSON.stringify({ version: '0.0.0', main: 'sdk.mjs', type: 'module' }));
  cpSync(path.join(rootDir, 'node_modules/zod'), path.join(folder, 'zod'), { recursive: true });
  return folder;
}
