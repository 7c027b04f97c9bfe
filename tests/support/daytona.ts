import { randomUUID } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json, buffer } from 'node:stream/consumers';
import type {
  CreateSandbox,
  ListSandboxesResponse,
  PortPreviewUrl,
  Sandbox,
  SandboxState,
  UpdateSandboxNetworkSettings,
} from '@daytona/api-client';
import type { ExecuteRequest, ExecuteResponse } from '@daytona/toolbox-api-client';
import { Box, Refusal } from './box.ts';

/** A fault of the next requests that fit. `before`: nothing happens; `after`: the answer is lost; `half`: cut in the middle. */
interface Fault {
  request: RegExp;
  when: 'before' | 'after' | 'half';
  status: number;
  message?: string;
  headers?: Record<string, string>;
  times: number;
}

interface Held {
  dto: Sandbox;
  box: Box;
}

const key = 'dtn_played_key';

/** Plays Daytona: its API and the daemon in each sandbox, over real processes in folders. */
export class Daytona {
  readonly key = key;
  readonly requests: string[] = [];
  readonly created: CreateSandbox[] = [];
  readonly networks: UpdateSandboxNetworkSettings[] = [];
  /** States that a new sandbox goes through before it is started, one at each look. */
  states: SandboxState[] = ['creating'];
  /** Why a new sandbox ends in an error; undefined: it starts. */
  broken: string | undefined;
  /** Whether programs in a sandbox may make namespaces. */
  namespaces = true;
  url = '';
  private readonly dir = mkdtempSync(path.join(tmpdir(), 'omoios-daytona-'));
  private readonly held = new Map<string, Held>();
  private readonly faults: Fault[] = [];
  private readonly ahead = new Map<string, SandboxState[]>();
  private server: Server | undefined;

  static async start(): Promise<Daytona> {
    const daytona = new Daytona();
    const server = createServer((request, response) => void daytona.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.on('upgrade', (request) => void daytona.show(request));
    daytona.server = server;
    daytona.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return daytona;
  }

  get api(): string {
    return `${this.url}/api`;
  }

  async close(): Promise<void> {
    this.server?.close();
    this.server?.closeAllConnections();
    await Promise.all([...this.held.keys()].map((id) => this.lose(id)));
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  fail(fault: Partial<Fault> & Pick<Fault, 'request'>): void {
    this.faults.push({ when: 'before', status: 503, times: 1, ...fault });
  }

  named(name: string): Held | undefined {
    return [...this.held.values()].find(({ dto }) => dto.id === name || dto.name === name);
  }

  get names(): string[] {
    return [...this.held.values()].map(({ dto }) => dto.name).sort();
  }

  /** A sandbox vanishes, with everything in it. */
  async lose(name: string): Promise<void> {
    const found = this.named(name);
    if (!found) return;
    this.held.delete(found.dto.id);
    await found.box.stop();
    found.box.remove();
  }

  /** A sandbox that stops and is not ephemeral: its files stay. */
  async stop(name: string): Promise<void> {
    const found = this.named(name);
    if (!found) return;
    await found.box.stop();
    found.dto.state = 'stopped';
  }

  /** Shows a port of the loopback of a sandbox to whoever has its token. @returns false for another request. */
  async show(request: IncomingMessage): Promise<boolean> {
    const [, id = '', port, rest = '/'] = /^\/shown\/([^/]+)\/(\d+)(\/.*)?$/.exec(request.url ?? '') ?? [];
    if (!port) return false;
    const { socket } = request;
    const held = this.held.get(id);
    if (held?.dto.state !== 'started' || request.headers['x-daytona-preview-token'] !== `token-of-${id}`)
      return socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n').writable;
    const { connection, host: _host, ...headers } = request.headers;
    const lines = Object.entries({
      ...headers,
      host: `localhost:${port}`,
      connection: headers.upgrade ? connection : 'close',
    }).map(([name, value]) => `${name}: ${String(value)}`);
    const { from, to } = await held.box.connect(
      `{ exec 3<>/dev/tcp/127.0.0.1/${port} || exec 3<>/dev/tcp/::1/${port}; } && exec 4<&0; cat <&3 & r=$!; { cat <&4; kill $r; } >&3 & wait $r; kill $!`,
    );
    to.write(`${request.method} ${rest} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    (headers.upgrade ? socket : request).pipe(to, { end: headers.upgrade !== undefined });
    from.pipe(socket);
    return true;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await this.show(request)) return;
    const url = new URL(request.url ?? '/', this.url);
    const line = `${request.method} ${url.pathname}`;
    this.requests.push(line);
    const fault = this.faults.find((one) => one.times > 0 && one.request.test(line));
    if (fault) fault.times -= 1;
    const failed = () =>
      send(response, fault?.status ?? 500, { message: fault?.message ?? 'played fault' }, fault?.headers);
    try {
      if (request.headers.authorization !== `Bearer ${key}`) throw new Refusal(401, 'Invalid credentials');
      if (fault?.when === 'before') return failed();
      const answer = await this.answer(line, url, request);
      if (fault?.when === 'after') return failed();
      if (answer instanceof Download) {
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        createReadStream(answer.file, fault ? { end: Math.floor(statSync(answer.file).size / 2) } : {}).pipe(response);
      } else {
        const result = (answer as Partial<ExecuteResponse> | undefined)?.result;
        const cut =
          fault && result !== undefined
            ? { ...(answer as object), result: result.slice(0, result.length / 2) }
            : answer;
        send(response, 200, cut ?? {});
      }
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      send(response, status, { statusCode: status, message: (error as Error).message, code: 'PLAYED' });
    }
  }

  private async answer(line: string, url: URL, request: IncomingMessage): Promise<unknown> {
    const [, method, id = '', rest = ''] = /^(\w+) \/api\/sandbox(?:\/([^/]+))?(?:\/(.+))?$/.exec(line) ?? [];
    if (method) {
      if (!id) return method === 'POST' ? this.create((await json(request)) as CreateSandbox) : this.list(url);
      const held = this.named(decodeURIComponent(id));
      if (!held) throw new Refusal(404, `Sandbox with ID or name ${id} not found`);
      if (method === 'GET' && !rest) return this.look(held);
      if (method === 'DELETE' && !rest) {
        await this.lose(held.dto.id);
        return { ...held.dto, state: 'destroyed' } satisfies Sandbox;
      }
      if (rest === 'start') {
        held.box = new Box(held.box.root, this.namespaces);
        held.dto.state = 'started';
        return held.dto;
      }
      const [, port] = /^ports\/(\d+)\/preview-url$/.exec(rest) ?? [];
      if (port) {
        const { id: sandboxId } = held.dto;
        const shown = { sandboxId, url: `${this.url}/shown/${sandboxId}/${port}`, token: `token-of-${sandboxId}` };
        return shown satisfies PortPreviewUrl;
      }
      if (rest === 'network-settings') {
        const settings = (await json(request)) as UpdateSandboxNetworkSettings;
        this.networks.push(settings);
        return Object.assign(held.dto, settings);
      }
    }
    const [, toolboxId = '', what] = /^\w+ \/toolbox\/([^/]+)\/(.+)$/.exec(line) ?? [];
    const at = this.held.get(toolboxId);
    if (!at) throw new Refusal(404, `Sandbox ${toolboxId} not found`);
    if (at.dto.state !== 'started') throw new Refusal(400, 'The sandbox is not running');
    if (what === 'process/execute') return execute(at.box, (await json(request)) as ExecuteRequest);
    if (what === 'files/upload-v2') return upload(at.box, url, request);
    if (what === 'files/download') return new Download(at.box.at(url.searchParams.get('path') ?? ''));
    throw new Refusal(404, `Nothing is played at ${line}`);
  }

  private create(wanted: CreateSandbox): Sandbox {
    if (wanted.name && this.named(wanted.name)) throw new Refusal(409, `Sandbox ${wanted.name} already exists`);
    this.created.push(wanted);
    const id = randomUUID();
    const dto: Sandbox = {
      id,
      organizationId: randomUUID(),
      name: wanted.name ?? id,
      user: 'root',
      env: wanted.env ?? {},
      labels: wanted.labels ?? {},
      public: wanted.public ?? false,
      networkBlockAll: wanted.networkBlockAll ?? false,
      target: 'us',
      cpu: wanted.cpu ?? 1,
      gpu: 0,
      memory: wanted.memory ?? 1,
      disk: wanted.disk ?? 3,
      state: this.states[0] ?? 'started',
      autoStopInterval: wanted.autoStopInterval,
      autoDeleteInterval: wanted.autoDeleteInterval,
      toolboxProxyUrl: `${this.url}/toolbox`,
    };
    this.ahead.set(id, this.states.slice(1));
    const box = new Box(path.join(this.dir, id), this.namespaces);
    this.held.set(id, { dto, box });
    return dto;
  }

  /** A sandbox takes a step at each look. */
  private look({ dto }: Held): Sandbox {
    const ahead = this.ahead.get(dto.id);
    if (ahead) {
      dto.state = ahead.shift() ?? (this.broken ? 'error' : 'started');
      if (dto.state === 'error') dto.errorReason = this.broken;
      if (dto.state === 'started' || dto.state === 'error') this.ahead.delete(dto.id);
    }
    return dto;
  }

  private list(url: URL): ListSandboxesResponse {
    const labels = Object.entries(JSON.parse(url.searchParams.get('labels') ?? '{}') as Record<string, string>);
    const all = [...this.held.values()].filter(({ dto }) =>
      labels.every(([name, value]) => dto.labels[name] === value),
    );
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const to = from + Math.min(2, Number(url.searchParams.get('limit') ?? 2));
    return { items: all.slice(from, to).map(({ dto }) => dto), nextCursor: to < all.length ? String(to) : null };
  }
}

class Download {
  constructor(readonly file: string) {}
}

async function execute(box: Box, { command, timeout }: ExecuteRequest): Promise<ExecuteResponse> {
  const ran = await box.run(command, (timeout ?? 10) * 1000);
  if (ran.late) throw new Refusal(408, 'command execution timeout');
  return { exitCode: ran.exitCode, result: ran.result };
}

async function upload(box: Box, url: URL, request: IncomingMessage): Promise<object> {
  const body = new Response(new Uint8Array(await buffer(request)), {
    headers: { 'content-type': request.headers['content-type'] ?? '' },
  });
  const file = (await body.formData()).get('file');
  if (!(file instanceof Blob)) throw new Refusal(400, 'no file was sent');
  const at = url.searchParams.get('path') ?? '';
  writeFileSync(box.at(at), Buffer.from(await file.arrayBuffer()));
  return { path: at };
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
