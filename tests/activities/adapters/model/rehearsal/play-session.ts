import Anthropic from '@anthropic-ai/sdk';
import type { ContentBlockParam, MessageParam, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { agentTools } from '#activities/tools/index.ts';
import { parseToolInput } from '#activities/tools/support/call-tool.ts';
import { toolsOfSession } from '#activities/tools/support/tool-box.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import type { RanCommand } from '#workflows/domain/agent/completion.ts';
import { contextBlock, type ContextFields } from '#workflows/domain/agent/context-block.ts';
import type { Checkout } from './origin.ts';

export interface PlayedCall {
  id: string;
  name: string;
  input: Record<string, unknown>;
  result: string;
}

interface PlayedTurn {
  text: string;
  calls: PlayedCall[];
}

export interface PlayedSession {
  turns: PlayedTurn[];
  calls: PlayedCall[];
  messages: MessageParam[];
  /** Commands that ran, newest first. */
  commands: RanCommand[];
  /** The call that ended it; undefined when the turns ran out. */
  end?: PlayedCall;
}

export interface SessionOptions {
  /** Asked anew for every turn: a server may take another one's place. */
  url: () => string | Promise<string>;
  context: ContextFields;
  /** What stands behind the block of context. */
  goal?: string;
  checkout: Checkout;
  user?: string;
  /** Words of the platform that join the results of a turn. */
  news?: (turn: PlayedTurn, turns: PlayedTurn[]) => Promise<string[]> | string[];
  maxTurns?: number;
}

const ends = ['complete_task', 'submit_review'];
export const client = (url: string): Anthropic => new Anthropic({ apiKey: 'rehearsal', baseURL: url, maxRetries: 0 });

/** Plays an agent's session as the platform does: real requests, real tools on a real checkout; record tools answer ok. */
export async function playSession(options: SessionOptions): Promise<PlayedSession> {
  const { context, checkout, goal = 'The goal.', maxTurns = 40 } = options;
  const opening = `${contextBlock(context)}\n\n# Goal\n${goal}`;
  return goOn(
    options,
    { turns: [], calls: [], messages: [{ role: 'user', content: [{ type: 'text', text: opening }] }], commands: [] },
    maxTurns,
    checkout,
  );
}

/** The next attempt or iteration of a session, in the same conversation. */
export async function reopenSession(
  options: SessionOptions,
  session: PlayedSession,
  words: string,
): Promise<PlayedSession> {
  const { messages } = session;
  const last = messages.at(-1);
  const opening: ContentBlockParam = { type: 'text', text: `${contextBlock(options.context)}\n\n${words}` };
  const reopened = [
    ...messages.slice(0, -1),
    { role: 'user' as const, content: [...(last?.content as ContentBlockParam[]), opening] },
  ];
  return goOn(
    options,
    { turns: [], calls: [], messages: reopened, commands: session.commands },
    options.maxTurns ?? 40,
    options.checkout,
  );
}

async function goOn(
  options: SessionOptions,
  session: PlayedSession,
  maxTurns: number,
  checkout: Checkout,
): Promise<PlayedSession> {
  const kind = options.context.kind as RunKind;
  const offered = toolsOfSession(agentTools, { kind, phase: options.context.phase ?? null });
  while (session.turns.length < maxTurns) {
    const stream = client(await options.url()).messages.stream({
      model: 'claude-haiku-5-5',
      max_tokens: 16_000,
      system: [{ type: 'text', text: 'You work.', cache_control: { type: 'ephemeral' } }],
      tools: offered.map(({ name }) => ({ name, description: name, input_schema: { type: 'object' } })),
      metadata: { user_id: options.user ?? `run:${kind}` },
      messages: session.messages,
    });
    const answer = await stream.finalMessage();
    const uses = answer.content.filter((block): block is ToolUseBlock => block.type === 'tool_use');
    const turn: PlayedTurn = {
      text: answer.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n'),
      calls: [],
    };
    for (const use of uses) turn.calls.push(await carryOut(use, session, checkout));
    session.turns.push(turn);
    session.calls.push(...turn.calls);

    const news = (await options.news?.(turn, session.turns)) ?? [];
    const results = turn.calls.map((call) => ({
      type: 'tool_result' as const,
      tool_use_id: call.id,
      content: call.result,
    }));
    const content = [...results, ...news.map((text) => ({ type: 'text' as const, text }))];
    if (content.length === 0) return session;
    session.messages = [...session.messages, { role: 'assistant', content: answer.content }, { role: 'user', content }];
    session.end = turn.calls.find((call) => ends.includes(call.name) || isWholeSubmission(call));
    if (session.end) return session;
  }
  return session;
}

function isWholeSubmission({ name, input }: PlayedCall): boolean {
  return /^submit_(?!review)/.test(name) && input.partial !== true;
}

async function carryOut(use: ToolUseBlock, session: PlayedSession, checkout: Checkout): Promise<PlayedCall> {
  const input = use.input as Record<string, unknown>;
  const call = { id: use.id, name: use.name, input };
  const tool = agentTools.find(({ name }) => name === use.name);
  if (tool?.phase) return { ...call, result: 'ok' };
  // Of tools that write the platform's records only the schemas are used.
  if (tool && ['record', 'wait'].includes(tool.effect)) {
    const parsed = parseToolInput(tool, input);
    return { ...call, result: parsed.ok ? 'ok' : parsed.result.text };
  }
  if (use.name !== 'bash') return { ...call, result: (await checkout.bench.call(use.name, input)).text };
  const ran = await checkout.runCommand(input);
  session.commands.unshift({ tool_use_id: use.id, command: String(input.command), ...ran });
  return { ...call, result: ran.output };
}

/** Commands of a session in the order they ran, as `npm test: 0`. */
export function commandCodes(session: PlayedSession): string[] {
  return session.commands
    .toReversed()
    .map(({ command, exit_code }) => `${command.split('\n')[0]?.slice(0, 60)}: ${exit_code}`);
}
