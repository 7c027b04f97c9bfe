/**
 * Stands for the Claude Agent SDK where that is not installed: the parts of its interface that the platform's program uses.
 * It sends each request twice, as a client does that did not get the answer.
 */
import { spawnSync } from 'node:child_process';
import http from 'node:http';

const { ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN, HTTP_PROXY } = process.env;

const send = (body) =>
  new Promise((resolve, reject) => {
    const url = new URL(`${ANTHROPIC_BASE_URL}/v1/messages`);
    const proxy = new URL(HTTP_PROXY);
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${ANTHROPIC_AUTH_TOKEN}`,
      host: url.host,
    };
    const request = http.request(
      { host: proxy.hostname, port: proxy.port, path: url.href, method: 'POST', headers },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(text) }));
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });

const schema = { type: 'object', properties: {} };
const offered = ['Bash', 'mcp__omoios__complete_task'].map((name) => ({
  name,
  description: name,
  input_schema: schema,
}));

export const tool = (name, _description, _shape, handler) => ({ name, handler });
export const createSdkMcpServer = ({ tools }) => ({ tools });

export async function* query({ prompt, options }) {
  const { sessionStore: store, hooks, mcpServers } = options;
  const session = options.resume ?? options.sessionId;
  const entries = (options.resume && (await store.load({ sessionId: session }))) || [];
  const messages = [];
  const add = ({ role, content }) => {
    if (messages.at(-1)?.role === role) messages.at(-1).content.push(...content);
    else messages.push({ role, content: [...content] });
  };
  for (const { message } of entries) add(message);
  const say = async (role, content) => {
    add({ role, content });
    await store.append({ sessionId: session }, [{ type: role, message: { role, content } }]);
  };
  const afterTool = hooks.PostToolUse[0].hooks[0];
  yield { type: 'system', subtype: 'init', model: options.model };
  for await (const { message } of prompt) {
    await say('user', [{ type: 'text', text: message.content }]);
    for (let stops = false; ;) {
      const body = {
        model: options.model,
        max_tokens: 2000,
        system: [{ type: 'text', text: options.systemPrompt }],
        tools: offered,
        messages,
      };
      await send(body);
      const answer = await send(body);
      if (answer.status !== 200) {
        const result = `API Error: ${answer.status} ${answer.body.error?.message}`;
        yield { type: 'result', subtype: 'success', is_error: true, api_error_status: answer.status, result };
        return;
      }
      const { content } = answer.body;
      await say('assistant', content);
      const uses = content.filter(({ type }) => type === 'tool_use');
      const results = [];
      for (const { id, name, input } of uses) {
        const ran =
          name === 'Bash'
            ? spawnSync('bash', ['-c', `${input.command} 2>&1`], { encoding: 'utf8' })
            : await mcpServers.omoios.tools[0].handler(input);
        const text =
          name === 'Bash' ? `${ran.status ? `Exit code ${ran.status}\n` : ''}${ran.stdout}` : ran.content[0].text;
        const hook = await afterTool({
          hook_event_name: 'PostToolUse',
          tool_name: name,
          tool_input: input,
          tool_use_id: id,
        });
        stops ||= hook.continue === false;
        const more = hook.hookSpecificOutput?.additionalContext ?? '';
        const is_error = Boolean(ran.status || ran.isError);
        results.push({
          type: 'tool_result',
          tool_use_id: id,
          content: `${text}\n${more}`.trim() || '(empty)',
          is_error,
        });
      }
      if (results.length > 0) await say('user', results);
      if (stops || results.length === 0) break;
    }
    yield { type: 'result', subtype: 'success', is_error: false, result: '', num_turns: messages.length };
  }
}
