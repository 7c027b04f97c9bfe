import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { Box, Refusal } from './box.ts';

/** The parts of a request for a container that tests look at. */
export interface WantedContainer {
  Image: string;
  User: string;
  Entrypoint: string[];
  Labels: Record<string, string>;
  HostConfig: { NetworkMode: string; CapDrop: string[]; CapAdd: string[]; SecurityOpt: string[] } & Record<
    string,
    unknown
  >;
}

interface Held {
  name: string;
  wanted: WantedContainer;
  status: 'created' | 'running' | 'exited';
  networks: Set<string>;
  box: Box;
}

/** Plays a container engine: Docker's interface over real processes in folders. */
export class Docker {
  readonly requests: string[] = [];
  readonly created: WantedContainer[] = [];
  /** Images that are here; others are pulled, unless `unknown` has them. */
  readonly images = new Set<string>();
  readonly unknown = new Set<string>();
  url = '';
  private readonly dir = mkdtempSync(path.join(tmpdir(), 'omoios-docker-'));
  private readonly held = new Map<string, Held>();
  private readonly execs = new Map<string, { box: Box; words: string[]; code: number | null }>();
  private server: Server | undefined;

  static async start(): Promise<Docker> {
    const docker = new Docker();
    const server = createServer((request, response) => void docker.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.on('upgrade', (request, socket: Socket) => void docker.upgrade(request, socket));
    docker.server = server;
    docker.url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return docker;
  }

  async close(): Promise<void> {
    this.server?.close();
    this.server?.closeAllConnections();
    for (const name of [...this.held.keys()]) await this.lose(name);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  networksOf(name: string): string[] {
    return [...(this.held.get(name)?.networks ?? [])];
  }

  async lose(name: string): Promise<void> {
    const found = this.held.get(name);
    this.held.delete(name);
    await found?.box.stop();
    found?.box.remove();
  }

  /** Gives the connection to a program. Its output comes in frames. */
  private async upgrade(request: IncomingMessage, socket: Socket): Promise<void> {
    const exec = this.execs.get(/\/exec\/([^/]+)\/start$/.exec(request.url ?? '')?.[1] ?? '');
    if (!exec) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    this.requests.push(`UPGRADE ${exec.words.slice(-1)}`);
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    const { from, to } = await exec.box.connect(exec.words.join(' '));
    const framed = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        const head = Buffer.alloc(8, 0);
        head[0] = 1;
        head.writeUInt32BE(chunk.length, 4);
        done(null, Buffer.concat([head, chunk]));
      },
    });
    socket.on('error', () => undefined).pipe(to);
    from.pipe(framed).pipe(socket);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://engine');
    const line = `${request.method} ${url.pathname.replace(/^\/v1\.41/, '')}`;
    this.requests.push(line);
    try {
      const answer = await this.answer(line, url, request, response);
      if (response.headersSent) return;
      response.writeHead(answer === undefined ? 204 : 200, { 'content-type': 'application/json' });
      response.end(answer === undefined ? '' : JSON.stringify(answer));
    } catch (error) {
      response.writeHead(error instanceof Refusal ? error.status : 500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: (error as Error).message }));
    }
  }

  private async answer(line: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const query = (name: string) => url.searchParams.get(name) ?? '';
    if (line === 'POST /images/create') {
      const tag = query('tag');
      const image = `${query('fromImage')}${tag.startsWith('sha256:') ? '@' : ':'}${tag}`;
      if (this.unknown.has(image)) return { error: 'manifest unknown' };
      this.images.add(image);
      return { status: 'Download complete' };
    }
    if (line === 'POST /containers/create') return this.create(query('name'), (await json(request)) as WantedContainer);
    if (line === 'GET /containers/json') return this.list(JSON.parse(query('filters')) as { label: string[] });
    const [, network = '', how] = /^POST \/networks\/([^/]+)\/(connect|disconnect)$/.exec(line) ?? [];
    if (how) {
      const held = this.known(((await json(request)) as { Container: string }).Container);
      if (how === 'connect') held.networks.add(network);
      else if (!held.networks.delete(network)) throw new Refusal(500, `container is not connected to ${network}`);
      return undefined;
    }
    const [, execId = '', act] = /^\w+ \/exec\/([^/]+)\/(start|json)$/.exec(line) ?? [];
    if (act) return this.exec(execId, act, response);
    const [, method, name = '', what = ''] = /^(\w+) \/containers\/([^/]+)(?:\/(\w+))?$/.exec(line) ?? [];
    const held = this.known(decodeURIComponent(name));
    if (method === 'DELETE') return this.lose(held.name);
    if (what === 'json')
      return { Id: held.name, State: { Status: held.status }, Config: { Labels: held.wanted.Labels } };
    if (what === 'start') {
      held.status = 'running';
      return undefined;
    }
    if (held.status !== 'running') throw new Refusal(409, `container ${held.name} is not running`);
    if (what === 'exec') {
      const Id = randomBytes(8).toString('hex');
      this.execs.set(Id, { box: held.box, words: ((await json(request)) as { Cmd: string[] }).Cmd, code: null });
      return { Id };
    }
    return this.archive(held.box, method ?? '', query('path'), request, response);
  }

  private known(name: string): Held {
    const held = this.held.get(name);
    if (!held) throw new Refusal(404, `No such container: ${name}`);
    return held;
  }

  private create(name: string, wanted: WantedContainer): object {
    if (!this.images.has(wanted.Image)) throw new Refusal(404, `No such image: ${wanted.Image}`);
    if (this.held.has(name)) throw new Refusal(409, `The container name "/${name}" is already in use`);
    this.created.push(wanted);
    const { NetworkMode } = wanted.HostConfig;
    const box = new Box(path.join(this.dir, name), false);
    const networks = new Set(NetworkMode === 'none' ? [] : [NetworkMode]);
    this.held.set(name, { name, wanted, status: 'created', networks, box });
    return { Id: name };
  }

  private list({ label }: { label: string[] }): object[] {
    const fits = ({ wanted }: Held) =>
      label.every((one) => wanted.Labels[one.split('=')[0] ?? ''] === one.split('=')[1]);
    return [...this.held.values()].filter(fits).map(({ name }) => ({ Names: [`/${name}`] }));
  }

  private async exec(id: string, act: string, response: ServerResponse): Promise<unknown> {
    const exec = this.execs.get(id);
    if (!exec) throw new Refusal(404, `No such exec instance: ${id}`);
    if (act === 'json') return { ExitCode: exec.code };
    const ran = await exec.box.run(exec.words.join(' '), 600_000);
    exec.code = ran.exitCode;
    // Two frames, as the engine cuts an output anywhere.
    const output = Buffer.from(ran.result);
    response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' });
    for (const part of [output.subarray(0, 5), output.subarray(5)]) {
      const head = Buffer.alloc(8, 0);
      head[0] = 1;
      head.writeUInt32BE(part.length, 4);
      response.write(Buffer.concat([head, part]));
    }
    response.end();
    return undefined;
  }

  /** Files travel as archives, which the machine's own tar reads and writes. */
  private async archive(box: Box, method: string, file: string, request: IncomingMessage, response: ServerResponse) {
    const at = box.at(file);
    if (method === 'PUT') {
      const tar = spawn('tar', ['-x', '-C', at, '-f', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
      const ended = new Promise<number | null>((resolve) => tar.on('close', resolve));
      await pipeline(request, tar.stdin);
      if ((await ended) !== 0) throw new Refusal(400, 'The archive cannot be read');
      return {};
    }
    if (!existsSync(at)) throw new Refusal(404, `Could not find the file ${file}`);
    const made = spawnSync('tar', ['-c', '-C', path.dirname(at), '-f', '-', path.basename(at)], { maxBuffer: 2 ** 30 });
    response.writeHead(200, { 'content-type': 'application/x-tar' });
    response.end(made.stdout);
    return undefined;
  }
}
