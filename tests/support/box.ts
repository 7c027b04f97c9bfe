import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Whether this machine can run what looks like a container: it takes root and bubblewrap. */
export const canPlayBoxes = process.getuid?.() === 0 && existsSync('/usr/bin/bwrap');

/** The environment of an image. */
const imageEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  // A language that the image lacks: each shell warns of it on stderr.
  LC_ALL: 'xx_XX.UTF-8',
  IMAGE_VARIABLE: 'of the image',
  DAYTONA_SANDBOX_ID: 'of the provider',
};

/** What a played place with containers answers instead of a success. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A container of a test: a folder as its root, the machine's programs, and processes in namespaces of their own. */
export class Box {
  private readonly holder: ChildProcess;
  private readonly made: Promise<number>;

  /** @param namespaces whether programs in it may make namespaces. */
  constructor(
    readonly root: string,
    private readonly namespaces: boolean,
  ) {
    for (const name of ['etc', 'tmp', 'root', 'home', 'var/lib', 'var/tmp', 'run', 'dev', 'proc', 'usr'])
      mkdirSync(path.join(root, name), { recursive: true });
    execFileSync('chmod', ['-R', '755', root]);
    execFileSync('chmod', ['1777', path.join(root, 'tmp'), path.join(root, 'var/tmp')]);
    writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
    writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\n');
    const beside = readdirSync('/').filter((name) => /^(bin|sbin|lib\w*)$/.test(name));
    for (const name of beside)
      if (lstatSync(`/${name}`).isSymbolicLink() && !lstatSync(path.join(root, name), { throwIfNoEntry: false }))
        symlinkSync(readlinkSync(`/${name}`), path.join(root, name));
    this.holder = spawn(
      'bwrap',
      [
        ...['--bind', root, '/', '--ro-bind', '/usr', '/usr'],
        ...beside
          .filter((name) => !lstatSync(`/${name}`).isSymbolicLink())
          .flatMap((name) => ['--ro-bind', `/${name}`, `/${name}`]),
        ...['alternatives', 'ld.so.cache', 'ssl', 'hosts'].flatMap((name) => [
          ...['--ro-bind-try', `/etc/${name}`, `/etc/${name}`],
        ]),
        ...['--proc', '/proc', '--dev', '/dev', '--unshare-pid', '--unshare-ipc', '--unshare-net', '--unshare-uts'],
        ...['--die-with-parent', '--cap-add', 'ALL'],
        ...['--info-fd', '3', 'bash', '-c', 'echo ready; exec sleep infinity'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] },
    );
    this.made = new Promise((resolve, reject) => {
      // Its process is named before all is mounted.
      let text = '';
      let ready = false;
      const look = () => {
        const pid = /"child-pid": (\d+)[^}]*}/.exec(text)?.[1];
        if (pid && ready) resolve(Number(pid));
      };
      this.holder.stdio[3]?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        look();
      });
      this.holder.stdout?.once('data', () => {
        ready = true;
        look();
      });
      this.holder.on('exit', () => reject(new Error('The box did not start.')));
    });
    this.made.catch(() => undefined);
  }

  /** Runs a command line as the daemon in a container does: a shell reads it, and it is killed with its group when late. */
  async run(command: string, timeoutMs: number): Promise<{ exitCode: number; result: string; late: boolean }> {
    const pid = await this.made;
    const bounded = this.namespaces ? [] : ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-all', '--'];
    const child = spawn('nsenter', ['-t', String(pid), '-m', '-p', '-n', '-i', '-u', '-r', '-w', ...bounded, 'bash'], {
      detached: true,
      env: imageEnvironment as unknown as NodeJS.ProcessEnv,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(command);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    }, timeoutMs);
    const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
    clearTimeout(timer);
    return { exitCode, result: Buffer.concat(chunks).toString(), late };
  }

  /** A program in the container whose stdin and stdout are a connection. */
  async connect(command: string): Promise<{ from: Readable; to: Writable }> {
    const pid = await this.made;
    const bounded = this.namespaces ? [] : ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-all', '--'];
    const child = spawn(
      'nsenter',
      ['-t', String(pid), '-m', '-p', '-n', '-i', '-u', '-r', '-w', ...bounded, 'bash', '-c', command],
      { env: imageEnvironment as unknown as NodeJS.ProcessEnv, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    return { from: child.stdout, to: child.stdin.on('error', () => undefined) };
  }

  /** The place of a file of the container on this machine. */
  at(file: string): string {
    return path.join(this.root, path.posix.normalize(file));
  }

  /** Ends all its processes. Its files stay. */
  async stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.holder.on('exit', () => resolve()));
    if (this.holder.exitCode !== null || this.holder.signalCode !== null) return;
    const pid = await this.made.catch(() => undefined);
    try {
      if (pid) process.kill(pid, 'SIGKILL');
    } catch {
      this.holder.kill('SIGKILL');
    }
    await ended;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}
