import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Between two looks. */
const pauseMs = 50;

const read = (file: string): string => {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // The process has ended, or is another user's.
    return '';
  }
};

const namespaceOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return '';
  }
};

/**
 * Keeps what a list of the machine's processes shows over time: all command lines, and the environments of the processes in
 * sandboxes, whose file systems are made of a folder.
 */
export class ProcessSampler {
  private readonly commands = new Set<string>();
  private readonly environments = new Set<string>();
  private readonly known = new Map<string, boolean>();
  private readonly own = namespaceOf('self');
  private readonly timer: NodeJS.Timeout;

  /** @param folder of the sandboxes: that of the stack's data. */
  constructor(private readonly folder: string) {
    this.timer = setInterval(() => this.look(), pauseMs);
  }

  /** Processes in sandboxes that were seen. */
  get inSandboxes(): number {
    return [...this.known.values()].filter(Boolean).length;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Where each of these texts was seen. */
  find(texts: Record<string, string>): string[] {
    const seen = (place: string, all: Set<string>) =>
      Object.entries(texts).flatMap(([name, text]) =>
        [...all].some((one) => one.includes(text)) ? [`${name}: ${place}`] : [],
      );
    return [...seen('command line', this.commands), ...seen('environment of a sandbox', this.environments)];
  }

  private look(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      this.commands.add(read(`/proc/${pid}/cmdline`));
      if (this.isInSandbox(pid)) this.environments.add(read(`/proc/${pid}/environ`));
    }
  }

  private isInSandbox(pid: string): boolean {
    if (this.known.get(pid)) return true;
    const isIn = ![this.own, ''].includes(namespaceOf(pid)) && read(`/proc/${pid}/mountinfo`).includes(this.folder);
    if (isIn) this.known.set(pid, true);
    return isIn;
  }
}
