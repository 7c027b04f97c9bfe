import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createLexicalEmbeddings } from '#activities/adapters/embeddings/lexical.ts';
import { createMcp } from '#activities/adapters/mcp/index.ts';
import { createMcpActivities } from '#activities/mcp/index.ts';
import { createOutgoing } from '#activities/services/outgoing.ts';
import { createSecretBox } from '#activities/services/secret-box.ts';
import type { McpCallInput } from '#workflows/contracts/mcp.ts';
import { callTries } from '#workflows/domain/mcp/rules.ts';
import { AgentPlace } from './agent-place.ts';
import { PlayedMcpServer, type ServedTool } from './mcp-server.ts';
import { OwnServer } from './own-server.ts';

const logger = new DefaultLogger('ERROR');

/** A server of REST whose calls of foreign tools are made at once, with the tries of their workflow and without its waits. */
export class McpPlace extends AgentPlace {
  readonly played: PlayedMcpServer[] = [];
  /** Milliseconds that the tries wanted to wait. */
  readonly waits: number[] = [];

  static override async start(name: string): Promise<McpPlace> {
    const outgoing = createOutgoing({ allow: ['localhost'] });
    const mcp = createMcp({ outgoing, version: '0', seconds: 5 });
    const secrets = createSecretBox('a secret of a test');
    const server = await OwnServer.start(name, createLexicalEmbeddings(), (store) => {
      const activities = createMcpActivities({ store, secrets, mcp, redact: (text) => text });
      const made = new Map<string, Promise<boolean>>();
      // Temporal runs a call once, however often it is started.
      const callMcp = (input: McpCallInput) => {
        const call = made.get(input.invocation_id) ?? makeCall(input);
        made.set(input.invocation_id, call);
        return call;
      };
      const makeCall = async (input: McpCallInput) => {
        for (let attempt = 1; attempt <= callTries; attempt += 1)
          try {
            await new MockActivityEnvironment({ attempt }, { logger }).run(activities.callMcpTool, input);
            return true;
          } catch (error) {
            const { nextRetryDelay, message } = error as { nextRetryDelay?: number; message: string };
            if (nextRetryDelay === undefined) {
              await activities.endMcpCall({ ...input, reason: message });
              return true;
            }
            place.waits.push(nextRetryDelay);
          }
        return true;
      };
      return { services: { mcp, secrets, outgoing }, workflows: { callMcp } };
    });
    const place = new McpPlace(server);
    return place;
  }

  /** A server of tools at a host that the organization lists. */
  async play(tools: ServedTool[]): Promise<PlayedMcpServer> {
    const played = await PlayedMcpServer.start(tools);
    this.played.push(played);
    this.server.settings = { mcp_hosts: [...this.played.map(({ host }) => host)] };
    return played;
  }

  /** Registers a server by the tools that it lists. */
  enroll = (played: PlayedMcpServer, server_id: string, fields: object = {}) =>
    this.call('POST', '/mcp/register', {
      ...{ server_id, version: '2025-11-25', connection_url: played.url },
      ...fields,
    });

  grant = async (agent_id: string, server_id: string, tool_name: string, fields: object = {}) =>
    this.call('POST', '/mcp/policies/grant', {
      ...{ agent_id, server_id, tool_name, actions: ['read', 'write'] },
      ...fields,
    });

  /** Calls a tool for an agent. */
  invoke = async (
    agent_id: string | undefined,
    server_id: string,
    tool_name: string,
    fields: object = {},
    key?: string,
  ) =>
    this.call(
      'POST',
      '/mcp/invoke',
      { correlation_id: 'c-1', agent_id, server_id, tool_name, params: { text: 'hello' }, ...fields },
      key,
    );

  override close = async () => {
    for (const played of this.played) await played.stop();
    await this.server.close();
  };
}
