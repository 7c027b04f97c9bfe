import { Readable } from 'node:stream';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Configuration, SandboxApi, type Sandbox, type UpdateSandboxNetworkSettings } from '@daytona/api-client';
import { Configuration as ToolboxConfiguration, FileSystemApi, ProcessApi } from '@daytona/toolbox-api-client';
import { AppError } from '#workflows/domain/errors.ts';
import { SandboxError, type CommandSpec, type SandboxSpec } from '../../../ports/sandbox.ts';
import { registries } from '../local/network.ts';
import type { RemoteTransport } from '../remote/transport.ts';
import { problemOf, statusOf } from './errors.ts';

export interface DaytonaOptions {
  apiUrl: string;
  apiKey: string;
  /** Names this installation: another one with the same key has other sandboxes. */
  installation: string;
  /** A snapshot of the organization, with resources of its own; undefined: `image`. */
  snapshot?: string;
  image: string;
  resources: { cpus: number; memory_gb: number; disk_gb: number };
  /** Hosts and networks that commands with network may reach besides public ones. */
  networkAllow: string[];
  /** Address at which its sandboxes reach the platform; undefined: they do not. */
  platformUrl?: string;
}

const autoStopMinutes = 30;
const startTimeoutMs = 120_000;
const requestTimeoutMs = 60_000;
const fileTimeoutMs = 600_000;
const pageSize = 100;
/** A look at all sandboxes asks for the labels of each right after the list, which has them. */
const listedMs = 5000;
const installationLabel = 'installation';

/** States in which a sandbox of this name is gone, or of no use to anyone. */
const gone = new Set<string | undefined>(['destroyed', 'destroying']);
const broken = new Set<string | undefined>(['error', 'build_failed']);
const asleep = new Set<string | undefined>(['stopped', 'archived', 'paused']);

type Origin = NonNullable<SandboxSpec['origin']>;

interface Reached {
  id: string;
  processes: ProcessApi;
  files: FileSystemApi;
}

/** Daytona's sandboxes, by its generated clients. A sandbox has the platform's id as its name. */
export function createDaytona(options: DaytonaOptions): RemoteTransport {
  const baseOptions = {
    headers: { Authorization: `Bearer ${options.apiKey}`, 'User-Agent': 'omoios' },
    maxRedirects: 0,
  };
  const api = new SandboxApi(
    new Configuration({ basePath: options.apiUrl, baseOptions: { ...baseOptions, timeout: requestTimeoutMs } }),
  );
  const reached = new Map<string, Reached>();
  const listed = new Map<string, { until: number; labels: Record<string, string> }>();
  const usual = options.snapshot ? { snapshot: options.snapshot } : { image: options.image };

  async function asking<T>(what: string, call: () => Promise<{ data: T }>): Promise<T> {
    try {
      return (await call()).data;
    } catch (error) {
      throw problemOf(error, what);
    }
  }

  /** The sandbox of a name; undefined when there is none. */
  async function find(id: string): Promise<Sandbox | undefined> {
    try {
      const { data } = await api.getSandbox(id);
      return gone.has(data.state) ? undefined : data;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw problemOf(error, `the sandbox ${id}`);
    }
  }

  async function make(id: string, labels: Record<string, string>, origin: Origin): Promise<Sandbox> {
    const { cpus, memory_gb, disk_gb } = options.resources;
    const from =
      'snapshot' in origin
        ? origin
        : { buildInfo: { dockerfileContent: `FROM ${origin.image}\n` }, cpu: cpus, memory: memory_gb, disk: disk_gb };
    try {
      const made = await api.createSandbox(
        {
          name: id,
          ...from,
          labels: { ...labels, agent_id: labels.run_id ?? '', [installationLabel]: options.installation },
          public: false,
          autoStopInterval: autoStopMinutes,
          // Deleted as soon as it stops: what it knew is in its checkpoints.
          autoDeleteInterval: 0,
          networkBlockAll: true,
        },
        undefined,
        { timeout: startTimeoutMs },
      );
      return made.data;
    } catch (error) {
      // An earlier try made it, and its answer was lost.
      const found = statusOf(error) === 409 ? await find(id) : undefined;
      if (found) return found;
      throw problemOf(error, `a sandbox from ${nameOf(origin)}`);
    }
  }

  async function start(id: string, labels: Record<string, string>, origin: Origin = usual): Promise<void> {
    const image = nameOf(origin);
    listed.delete(id);
    const deadline = Date.now() + startTimeoutMs;
    let found = await find(id);
    if (found && broken.has(found.state)) {
      await destroy(id);
      found = undefined;
    }
    let sandbox = found ?? (await make(id, labels, origin));
    for (let pause = 100; sandbox.state !== 'started'; pause = Math.min(2000, pause * 1.5)) {
      if (broken.has(sandbox.state)) {
        const reason = sandbox.errorReason ?? sandbox.state;
        await destroy(id);
        throw new AppError('unavailable', `Daytona could not start a sandbox from ${image}: ${reason}`);
      }
      if (asleep.has(sandbox.state))
        await api.startSandbox(sandbox.id).catch((error: unknown) => {
          // Another change is under way: it is looked at again.
          if (statusOf(error) !== 409) throw problemOf(error, `the start of sandbox ${id}`);
        });
      if (Date.now() > deadline)
        throw new AppError(
          'unavailable',
          `Daytona did not start a sandbox from ${image} within ${startTimeoutMs / 1000} s: it is ${sandbox.state}.`,
        );
      await sleep(pause);
      const now = await find(id);
      if (!now) throw new AppError('unavailable', `Daytona has deleted the sandbox ${id} while it started.`);
      sandbox = now;
    }
    reach(id, sandbox);
  }

  async function destroy(id: string): Promise<void> {
    reached.delete(id);
    listed.delete(id);
    try {
      await api.deleteSandbox(id);
    } catch (error) {
      if (statusOf(error) === 404) return;
      // Daytona deletes it later than it answers; a second request meanwhile is a conflict.
      if (statusOf(error) === 409 && !(await find(id))) return;
      throw problemOf(error, `the end of sandbox ${id}`);
    }
  }

  function reach(name: string, { id, toolboxProxyUrl }: Sandbox): Reached {
    const basePath = `${toolboxProxyUrl.replace(/\/$/, '')}/${id}`;
    const configuration = new ToolboxConfiguration({ basePath, baseOptions });
    const now = { id, processes: new ProcessApi(configuration), files: new FileSystemApi(configuration) };
    reached.set(name, now);
    return now;
  }

  /** The sandbox as it is now. @throws SandboxError('lost') */
  async function running(id: string): Promise<Reached> {
    const found = await find(id);
    if (found?.state === 'started') return reach(id, found);
    reached.delete(id);
    throw new SandboxError('lost', `Daytona has no running sandbox ${id}${found ? `: it is ${found.state}` : ''}.`);
  }

  /** A request to the sandbox itself. One that fails may be about a sandbox of the same name that is gone. */
  async function inside<T>(id: string, what: string, call: (at: Reached) => Promise<{ data: T }>): Promise<T> {
    const known = reached.get(id) ?? (await running(id));
    try {
      return (await call(known)).data;
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined || status === 429 || status === 401) throw problemOf(error, what);
      const now = await running(id);
      if (now.id === known.id) throw problemOf(error, what);
      return asking(what, () => call(now));
    }
  }

  return {
    provider: 'daytona',
    image: nameOf(usual),
    origins: ['image', 'snapshot'],
    platformUrl: options.platformUrl,
    ports: {
      async addressOf(id, port) {
        const { id: at } = await running(id);
        const { url, token } = await asking(`port ${port} of ${id}`, () => api.getPortPreviewUrl(at, port));
        const headers = { 'x-daytona-preview-token': token, 'x-daytona-skip-preview-warning': 'true' };
        return { url, headers };
      },
    },
    start,
    destroy,

    async status(id) {
      const found = await find(id);
      if (!found || broken.has(found.state)) return 'absent';
      return found.state === 'started' ? 'running' : 'stopped';
    },

    async labels(id) {
      const known = listed.get(id);
      return known && Date.now() < known.until ? known.labels : (await find(id))?.labels;
    },

    async list() {
      const labels = JSON.stringify({ project: 'omoios', [installationLabel]: options.installation });
      const names: string[] = [];
      listed.clear();
      for (let cursor: string | null | undefined; cursor !== null;) {
        const at: string | undefined = cursor;
        const page = await asking('the list of sandboxes', () =>
          api.listSandboxes(undefined, at, pageSize, undefined, undefined, labels),
        );
        for (const { name, state, labels: its } of page.items) {
          if (gone.has(state)) continue;
          names.push(name);
          listed.set(name, { until: Date.now() + listedMs, labels: its });
        }
        cursor = page.nextCursor || null;
      }
      return names.sort();
    },

    async run(id, words, { timeoutMs, signal }) {
      const request = { command: words.join(' '), timeout: Math.ceil(timeoutMs / 1000) };
      // Later than Daytona's own limit, which ends the command too.
      const limits = { timeout: timeoutMs + 10_000, signal };
      try {
        const ran = await inside(id, `a command in ${id}`, ({ processes }) =>
          processes.executeCommand(request, limits),
        );
        return { exitCode: ran.exitCode ?? -1, output: ran.result };
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },

    async upload(id, path, content) {
      const file = new File([content], 'file');
      await inside(id, `a file for ${id}`, ({ files }) => files.uploadFile(path, file, { timeout: fileTimeoutMs }));
    },

    async download(id, path) {
      const limits = { timeout: fileTimeoutMs, responseType: 'stream' as const };
      const content: unknown = await inside(id, `a file of ${id}`, ({ files }) => files.downloadFile(path, limits));
      if (!(content instanceof Readable)) throw new Error('Daytona sent no stream.');
      return content;
    },

    async setNetwork(id, network) {
      const { id: at } = reached.get(id) ?? (await running(id));
      await asking(`the network of ${id}`, () => api.updateNetworkSettings(at, settingsOf(network, options)));
    },
  };
}

const nameOf = (origin: Origin) => ('snapshot' in origin ? origin.snapshot : origin.image);

/** Daytona limits a whole sandbox: by its domains, and by networks for what the operator lists as addresses. */
function settingsOf(
  network: CommandSpec['network'],
  { networkAllow, platformUrl }: DaytonaOptions,
): UpdateSandboxNetworkSettings {
  const platform = platformUrl ? [new URL(platformUrl).hostname] : [];
  const allow = network === 'platform' ? platform : [...networkAllow, ...platform];
  if (network === 'none') return { networkBlockAll: true };
  if (network === 'full') return { networkBlockAll: false, domainAllowList: '', networkAllowList: '' };
  const hosts = allow.map((entry) => entry.replace(/:\d+$/, ''));
  const networks = hosts.filter((host) => isIP(host.replace(/\/\d+$/, '')) === 4);
  const domains = hosts.filter((host) => isIP(host.replace(/\/\d+$/, '')) === 0 && !host.includes(':'));
  return {
    networkBlockAll: false,
    domainAllowList: [...new Set([...(network === 'platform' ? [] : registries), ...domains])].join(','),
    networkAllowList: networks.map((host) => (host.includes('/') ? host : `${host}/32`)).join(','),
  };
}
