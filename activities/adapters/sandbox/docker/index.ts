import { posix as path } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { AppError } from '#workflows/domain/errors.ts';
import { SandboxError } from '../../../ports/sandbox.ts';
import type { RemoteTransport } from '../remote/transport.ts';
import { createEngine, EngineError, problemOf } from './engine.ts';
import { archiveOf, firstFile } from './tar.ts';

export interface DockerOptions {
  /** unix:///PATH, tcp://HOST:PORT or http://HOST:PORT */
  host: string;
  installation: string;
  image: string;
  cpus: number;
  memoryMb: number;
  processes: number;
  /** The engine's network for commands with network; undefined: such commands are refused. */
  network?: string;
  /** The engine's network for commands that reach the platform alone, and the platform's address there. */
  platformNetwork?: string;
  platformUrl?: string;
}

interface Container {
  Id: string;
  State: { Status: string };
  Config: { Labels: Record<string, string> | null };
}

const pullTimeoutMs = 600_000;
const fileTimeoutMs = 600_000;
/** The first process: a shell that waits reaps what commands leave behind. */
const reaper = 'trap "exit 0" TERM; while :; do sleep 3600 & wait; done';
/** What the platform's scripts need, and no more: other users, and files of theirs. */
const capabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETPCAP', 'SETUID'];

/** Containers of an engine that speaks Docker's interface, such as Docker itself and Podman. */
export function createDocker(options: DockerOptions): RemoteTransport {
  const { ask, act, open, connect } = createEngine(options.host);
  const at = (id: string) => `/containers/${encodeURIComponent(id)}`;
  const networks = [...new Set([options.network, options.platformNetwork].filter((name) => name !== undefined))];
  const labelsOf = { project: 'omoios', installation: options.installation };

  async function find(id: string): Promise<Container | undefined> {
    try {
      return await ask<Container>('GET', `${at(id)}/json`);
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined;
      throw problemOf(error, `the sandbox ${id}`);
    }
  }

  /** A request about a sandbox that runs. @throws SandboxError('lost') */
  async function inside<T>(id: string, what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof EngineError) || error.status === 400) throw problemOf(error, what);
      if ((await find(id))?.State.Status === 'running') throw problemOf(error, what);
      throw new SandboxError('lost', `The container engine has no running sandbox ${id}.`);
    }
  }

  const create = (id: string, labels: Record<string, string>, image: string) =>
    act('POST', '/containers/create', {
      query: { name: id },
      body: {
        Image: image,
        Entrypoint: ['bash', '-c', reaper],
        Cmd: [],
        User: 'root',
        Labels: { ...labels, agent_id: labels.run_id ?? '', ...labelsOf },
        HostConfig: {
          Memory: options.memoryMb * 2 ** 20,
          NanoCpus: options.cpus * 1e9,
          PidsLimit: options.processes,
          NetworkMode: networks[0] ?? 'none',
          CapDrop: ['ALL'],
          CapAdd: capabilities,
          SecurityOpt: ['no-new-privileges'],
        },
      },
    });

  async function pull(image: string): Promise<void> {
    // A digest takes the place of the tag.
    const [, name = '', tag = 'latest'] = /^(.+)@(sha256:.+)$/.exec(image) ?? /^(.+?)(?::([^/:]+))?$/.exec(image) ?? [];
    const said = await text(
      await open('POST', '/images/create', { query: { fromImage: name, tag }, timeoutMs: pullTimeoutMs }),
    );
    const failed = /"error":\s*"((?:[^"\\]|\\.)*)"/.exec(said)?.[1];
    if (failed) throw new AppError('unavailable', `The image ${image} cannot be fetched: ${failed}`);
  }

  async function make(id: string, labels: Record<string, string>, image: string): Promise<void> {
    try {
      await create(id, labels, image).catch(async (error: unknown) => {
        if (!(error instanceof EngineError) || error.status !== 404) throw error;
        await pull(image);
        await create(id, labels, image);
      });
    } catch (error) {
      // An earlier try made it, and its answer was lost.
      if (error instanceof EngineError && (error.status === 409 || /already in use/i.test(error.message))) return;
      throw problemOf(error, `a sandbox from ${image}`);
    }
  }

  /** Cuts the sandbox off from every network but this one. One that is off already is not an error. */
  async function disconnect(id: string, but?: string): Promise<void> {
    for (const name of networks) {
      if (name === but) continue;
      const body = { Container: id, Force: true };
      await act('POST', `/networks/${name}/disconnect`, { body }).catch((error: unknown) => {
        if (!(error instanceof EngineError && /not connected/i.test(error.message)))
          throw problemOf(error, `the network of ${id}`);
      });
    }
  }

  return {
    provider: 'docker',
    image: options.image,

    origins: ['image'],
    platformUrl: options.platformUrl,

    ports: {
      connect: (id, words) =>
        inside(id, `a connection to ${id}`, async () => {
          const { Id } = await ask<{ Id: string }>('POST', `${at(id)}/exec`, {
            body: { AttachStdin: true, AttachStdout: true, AttachStderr: true, Cmd: words },
          });
          const socket = await connect(`/exec/${Id}/start`, { Detach: false, Tty: false });
          return { from: Readable.from(outputOf(socket)), to: socket };
        }),
    },

    async start(id, labels, origin) {
      const image = origin && 'image' in origin ? origin.image : options.image;
      const found = await find(id);
      if (found?.State.Status === 'running') return;
      if (!found) await make(id, labels, image);
      await act('POST', `${at(id)}/start`).catch((error: unknown) => {
        throw problemOf(error, `the start of sandbox ${id} from ${image}`);
      });
      // No command runs in it yet. Podman brings up the loopback interface only with a network.
      await disconnect(id);
    },

    async status(id) {
      const found = await find(id);
      if (!found || ['removing', 'dead'].includes(found.State.Status)) return 'absent';
      return found.State.Status === 'running' ? 'running' : 'stopped';
    },

    async labels(id) {
      const found = await find(id);
      return found && (found.Config.Labels ?? {});
    },

    async list() {
      const label = Object.entries(labelsOf).map(([name, value]) => `${name}=${value}`);
      const listed = await ask<{ Names: string[] }[]>('GET', '/containers/json', {
        query: { all: 'true', filters: JSON.stringify({ label }) },
      }).catch((error: unknown) => {
        throw problemOf(error, 'the list of sandboxes');
      });
      return listed.map(({ Names }) => (Names[0] ?? '').replace(/^\//, '')).sort();
    },

    async destroy(id) {
      await act('DELETE', at(id), { query: { force: 'true', v: 'true' } }).catch((error: unknown) => {
        if (!(error instanceof EngineError && error.status === 404)) throw problemOf(error, `the end of sandbox ${id}`);
      });
    },

    run: (id, words, { timeoutMs, signal }) =>
      inside(id, `a command in ${id}`, async () => {
        // The engine ends no command by itself.
        const Cmd = ['timeout', '-k', '1', String(Math.ceil(timeoutMs / 1000)), ...words];
        const { Id } = await ask<{ Id: string }>('POST', `${at(id)}/exec`, {
          body: { AttachStdout: true, AttachStderr: true, Cmd },
          signal,
        });
        const stream = await open('POST', `/exec/${Id}/start`, {
          body: { Detach: false, Tty: false },
          timeoutMs: timeoutMs + 10_000,
          signal,
        });
        const output = demultiplexed(await buffer(stream));
        const { ExitCode } = await ask<{ ExitCode: number | null }>('GET', `/exec/${Id}/json`);
        return { exitCode: ExitCode ?? -1, output };
      }),

    async upload(id, file, content) {
      await inside(id, `a file for ${id}`, () =>
        act('PUT', `${at(id)}/archive`, {
          query: { path: path.dirname(file) },
          content: archiveOf(path.basename(file), content),
          timeoutMs: fileTimeoutMs,
        }),
      );
    },

    download: (id, file) =>
      inside(id, `a file of ${id}`, async () =>
        Readable.from(
          firstFile(await open('GET', `${at(id)}/archive`, { query: { path: file }, timeoutMs: fileTimeoutMs })),
        ),
      ),

    async setNetwork(id, network) {
      const wanted = network === 'platform' ? options.platformNetwork : options.network;
      if (network === 'none') return disconnect(id);
      if (!wanted)
        throw new AppError(
          'invalid_rule',
          "Docker cannot limit what a command reaches. Name a network for commands with network (OMOIOS_SANDBOX_DOCKER_NETWORK), or set the project's network to none.",
        );
      await disconnect(id, wanted);
      const body = { Container: id };
      await act('POST', `/networks/${wanted}/connect`, { body }).catch((error: unknown) => {
        if (!(error instanceof EngineError && /already/i.test(error.message)))
          throw problemOf(error, `the network of ${id}`);
      });
    },
  };
}

/** What a program writes to stdout, as it comes. Each part of both streams has a header of 8 bytes. */
async function* outputOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 8 && held.length >= 8 + held.readUInt32BE(4)) {
      const end = 8 + held.readUInt32BE(4);
      if (held[0] === 1) yield held.subarray(8, end);
      held = held.subarray(end);
    }
  }
}

/** The output of both streams, each part of which the engine sends behind a header of 8 bytes. */
function demultiplexed(stream: Buffer): string {
  const parts: Buffer[] = [];
  for (let from = 0; from + 8 <= stream.length;) {
    const size = stream.readUInt32BE(from + 4);
    parts.push(stream.subarray(from + 8, from + 8 + size));
    from += 8 + size;
  }
  return Buffer.concat(parts).toString();
}
