/**
 * Runs in the sandbox of a run: starts the Claude Agent SDK, gives it the messages to the run, and stores its session.
 * It calls no address but the paths of its own run. Argument: the file of its order (`ProgramOrder` of order.ts).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const order = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { OMOIOS_API_URL, OMOIOS_SANDBOX_ID, OMOIOS_SANDBOX_KEY, HTTP_PROXY } = process.env;
const own = `${OMOIOS_API_URL}/sandboxes/${OMOIOS_SANDBOX_ID}`;

/** The last line of the output says how the program ended. */
function end(how, code = 0) {
  process.stdout.write(`\n${JSON.stringify(how)}\n`, () => process.exit(code));
  return new Promise(() => undefined);
}

/** The fetch of Node before 22.21 knows no proxy. */
function ask(method, url, body) {
  const headers = { authorization: `Bearer ${OMOIOS_SANDBOX_KEY}`, 'content-type': 'application/json' };
  const text = body === undefined ? undefined : JSON.stringify(body);
  if (!HTTP_PROXY || url.protocol !== 'http:')
    return fetch(url, { method, headers, body: text }).then(async (answer) => [answer.status, await answer.text()]);
  const proxy = new URL(HTTP_PROXY);
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: proxy.hostname, port: proxy.port, path: url.href, method, headers: { ...headers, host: url.host } },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve([answer.statusCode, Buffer.concat(parts).toString('utf8')]));
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

/** Calls the platform until it answers: it may be starting again. @throws what it refuses. */
async function call(method, at, body) {
  for (let wait = 250; ; wait = Math.min(10_000, wait * 2)) {
    const [status, text] = await ask(method, new URL(`${own}${at}`), body).catch((error) => [0, String(error)]);
    if (status >= 200 && status < 300) return text ? JSON.parse(text) : undefined;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw new Error(`${status}: ${text}`);
    await sleep(wait);
  }
}

/** What is reported is only shown: a report that is refused holds nothing up. */
const report = (event_type, event_data, event_id) =>
  void call('POST', '/events', { event_type, event_data, event_id, source: 'worker' }).catch(() => undefined);

async function loadSdk() {
  const given = [order.sdk_folder, '/run/agent-sdk/node_modules'].find((at) => at && existsSync(at));
  const folder = given ?? execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim();
  const from = createRequire(path.join(folder, 'none.js'));
  const at = path.join(folder, '@anthropic-ai/claude-agent-sdk');
  const { version, main = 'sdk.mjs' } = JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8'));
  const sdk = await import(pathToFileURL(path.join(at, main)).href);
  const { z } = await import(pathToFileURL(from.resolve('zod')).href);
  return { sdk, z, version };
}

/** Number of entries that the platform has of this run. */
let stored = 0;
async function storedSession() {
  const entries = [];
  let session = null;
  for (let after = ''; after !== null;) {
    const page = await call('GET', `/session${after && `?after=${after}`}`);
    entries.push(...page.entries.map((entry) => JSON.parse(entry)));
    session = page.session_id;
    stored = page.stored;
    after = page.next;
  }
  return { entries, session };
}

let storing = Promise.resolve();
const storeOf = ({ entries }) => ({
  append: ({ subpath }, added) => {
    if (subpath || added.length === 0) return Promise.resolve();
    storing = storing
      .catch(() => undefined)
      .then(async () => {
        await call('POST', '/session', { from: stored, entries: added.map((entry) => JSON.stringify(entry)) });
        stored += added.length;
      });
    return storing;
  },
  load: async ({ subpath }) => (subpath || entries.length === 0 ? null : entries),
});

const given = new Set(order.given);
const goOn = '[OmoiOS] Continue with the task where you are.';
let claimed = false;
let yielded = false;

/** Messages that the agent does not have yet. */
async function newMessages() {
  const pending = await call('GET', '/pending').catch(() => ({ messages: [], returns: true }));
  yielded ||= pending.returns;
  const fresh = pending.messages.filter(({ id }) => !given.has(id));
  for (const { id } of fresh) {
    given.add(id);
    report('agent.message_injected', { message_id: id }, `message:${id}`);
  }
  return fresh.map(({ text }) => text).join('\n\n');
}

/** Between two steps: messages come in, or the program returns to the platform. */
async function afterTool({ hook_event_name: hookEventName, tool_name: tool, tool_input: input, tool_use_id: id }) {
  report('agent.tool_completed', { tool, tool_use_id: id }, `tool:${id}`);
  if (/^(?:Edit|Write|NotebookEdit)$/.test(tool))
    report('agent.file_edited', { file_path: input?.file_path ?? input?.notebook_path }, `file:${id}`);
  const additionalContext = claimed ? '' : await newMessages();
  if (claimed || yielded) return { continue: false, stopReason: 'The platform takes over.' };
  return additionalContext ? { hookSpecificOutput: { hookEventName, additionalContext } } : {};
}

function platformTools({ sdk, z }) {
  const said = (text, isError = false) => ({ content: [{ type: 'text', text }], isError });
  const evidence = z.array(
    z.object({
      criterion_id: z.string().optional(),
      command: z.string().describe('The command as you ran it with Bash.'),
    }),
  );
  return sdk.createSdkMcpServer({
    name: 'omoios',
    tools: [
      sdk.tool(
        'complete_task',
        order.complete_task,
        { summary: z.string().min(1), evidence },
        async (claim) => {
          try {
            await call('POST', '/task-complete', { task_id: order.task_id, success: true, result: claim });
            claimed = true;
            return said('The platform checks the claim now.');
          } catch (error) {
            return said(`Not accepted. ${error.message}`, true);
          }
        },
        { alwaysLoad: true },
      ),
    ],
  });
}

async function main() {
  // A session that an earlier program began here is not in the way: only what is stored is resumed.
  process.env.CLAUDE_CONFIG_DIR = mkdtempSync(path.join(tmpdir(), 'agent-sdk-'));
  let loaded;
  try {
    loaded = await loadSdk();
  } catch (error) {
    return end({ end: 'no_sdk', message: String(error.message ?? error) }, 78);
  }
  const session = await storedSession();
  const isResuming = session.entries.length > 0;
  const texts = [isResuming ? order.text || goOn : [order.opening, order.text].filter(Boolean).join('\n\n')];
  let wake = () => undefined;
  let over = false;
  async function* input() {
    for (;;) {
      for (const content of texts.splice(0))
        yield { type: 'user', message: { role: 'user', content }, parent_tool_use_id: null };
      if (over) return;
      await new Promise((resolve) => (wake = resolve));
    }
  }
  const afterEach = [{ hooks: [afterTool] }];
  const query = loaded.sdk.query({
    prompt: input(),
    options: {
      ...order.options,
      ...(isResuming ? { resume: session.session } : { sessionId: session.session }),
      cwd: process.cwd(),
      permissionMode: 'bypassPermissions',
      allowDangerouslySkipPermissions: true,
      settingSources: [],
      strictMcpConfig: true,
      sessionStore: storeOf(session),
      sessionStoreFlush: 'eager',
      mcpServers: { omoios: platformTools(loaded) },
      hooks: { PostToolUse: afterEach, PostToolUseFailure: afterEach },
      stderr: (text) => process.stderr.write(text),
    },
  });
  for await (const message of query) {
    if (message.type === 'system' && message.subtype === 'init')
      report(
        'agent.started',
        {
          sdk: loaded.version,
          model: message.model,
          is_resuming: isResuming,
          ...(isResuming ? { resumed_session_id: session.session } : {}),
        },
        `started:${order.job_id}`,
      );
    if (message.type !== 'result') continue;
    const { subtype, is_error, api_error_status: status = null, result, errors = [], num_turns: turns } = message;
    const more = is_error || claimed || yielded ? '' : await newMessages();
    if (more && !yielded) {
      texts.push(more);
      wake();
      continue;
    }
    over = true;
    wake();
    await storing.catch(() => undefined);
    report('agent.completed', { subtype, turns }, `completed:${order.job_id}`);
    return end({
      end: is_error ? 'error' : 'stopped',
      returned: claimed || yielded,
      status,
      message: String(result ?? errors.join('\n')).slice(0, 2000),
    });
  }
  return end({ end: 'error', returned: claimed || yielded, status: null, message: 'The SDK ended without a result.' });
}

main().catch((error) =>
  end({
    end: 'error',
    returned: claimed || yielded,
    status: null,
    message: String(error?.stack ?? error).slice(0, 2000),
  }),
);
