import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';

/** A client of `/mcp` as assistants have it. */
export class ToolClient {
  private readonly client = new Client({ name: 'test', version: '1' });

  /** @param url the server's origin. */
  static async connect(url: string, key: string): Promise<ToolClient> {
    const tools = new ToolClient();
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    });
    await tools.client.connect(transport as Parameters<Client['connect']>[0]);
    return tools;
  }

  list = async () => (await this.client.listTools()).tools;

  /** Calls a tool. An error of it is an answer; one of the protocol rejects. */
  async call(name: string, input: object = {}) {
    const { content, isError } = CallToolResultSchema.parse(
      await this.client.callTool({ name, arguments: { ...input } }),
    );
    const [first] = content;
    if (first?.type !== 'text') throw new Error('The answer has no text.');
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer of any tool
    return { failed: isError === true, body: JSON.parse(first.text) as any };
  }

  close = () => this.client.close();
}
