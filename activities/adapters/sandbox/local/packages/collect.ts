import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { inSystem } from '../toolchains/find.ts';

/** The settings of package clients that commands in a sandbox get: registries, indexes and certificates. */
export interface PackageSettings {
  env: Record<string, string>;
  /** Texts of files by their path in the home folder. */
  files: Record<string, string>;
  /** Files of certificates, and folders of packages, that are shown read-only. */
  shown: string[];
  /** The hosts of the registries, as `host:port`: an operator who names a registry allows it, wherever it is. */
  hosts: string[];
  /** The machine's own proxy. It may hold a password, so no command gets it. */
  proxy: { url?: string; except: string[] };
  /** Settings that no command gets, with the reason. */
  leftOut: string[];
}

export const noPackageSettings: PackageSettings = {
  env: {},
  files: {},
  shown: [],
  hosts: [],
  proxy: { except: [] },
  leftOut: [],
};

const certificate = /-----BEGIN [A-Z ]*CERTIFICATE-----/;
const systemCertificates = /^\/etc\/(ssl|pki|ca-certificates)\//;

/** False also for a folder that the platform's user may not look at. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Collects settings and refuses those that hold a secret. */
export class Collector {
  readonly home: string;
  private readonly hosts = new Set<string>();
  private readonly shown = new Set<string>();
  private readonly leftOut = new Set<string>();
  private readonly found: Pick<PackageSettings, 'env' | 'files'> & { proxy: PackageSettings['proxy'] } = {
    env: {},
    files: {},
    proxy: { except: [] },
  };

  constructor(readonly environment: Record<string, string | undefined>) {
    this.home = environment.HOME ?? '/nonexistent';
  }

  text(file: string): string | undefined {
    try {
      return readFileSync(path.resolve(this.home, file), 'utf8');
    } catch {
      return undefined;
    }
  }

  leaveOut(where: string, reason: string): void {
    this.leftOut.add(`${where} is left out of sandboxes: ${reason}.`);
  }

  /** The value when it holds no secret. Its URLs are hosts that may be reached. */
  value(where: string, value: string): string | undefined {
    if (/\$\{?\w/.test(value)) return this.refused(where, 'it takes a value from the environment');
    for (const [address] of value.matchAll(/\w[\w+.-]*:\/\/[^\s,|;'"]+/g)) {
      const url = parsedUrl(address.replace(/^(sparse|git|svn|hg|bzr)\+/, ''));
      if (!url) continue;
      if (url.username || url.password) return this.refused(where, 'its URL holds a credential');
      if (url.search) return this.refused(where, 'its URL holds a query, which may be a credential');
      const port = url.port || (url.protocol === 'http:' ? '80' : '443');
      if (url.hostname) this.hosts.add(`${url.hostname}:${port}`);
    }
    return value;
  }

  private refused(where: string, reason: string): undefined {
    this.leaveOut(where, reason);
  }

  /** The path of a file with certificates, which is shown. */
  certificates(where: string, file: string): string | undefined {
    const at = path.resolve(this.home, file.replace(/^~\//, ''));
    if (inSystem(at) || systemCertificates.test(at)) return existsSync(at) ? at : undefined;
    const text = this.text(at);
    if (text === undefined) return this.refused(where, `there is no file ${at}`);
    if (!certificate.test(text) || /PRIVATE KEY/.test(text))
      return this.refused(where, 'its file is not only certificates');
    this.shown.add(at);
    return at;
  }

  /** A folder of packages on this machine. Never one of the home folder, which may hold anything. */
  folder(where: string, value: string): string | undefined {
    if (!path.isAbsolute(value)) return this.value(where, value);
    if (!isFolder(value)) return undefined;
    if (`${value}/`.startsWith(`${this.home}/`)) return this.refused(where, 'its folder is in a home folder');
    if (!inSystem(value)) this.shown.add(value);
    return value;
  }

  /** The first source that sets a variable wins. */
  variable(name: string, value: string | undefined): void {
    if (value !== undefined) this.found.env[name] ??= value;
  }

  file(name: string, text: string): void {
    if (text.trim()) this.found.files[name] = text;
  }

  proxy(value: string): void {
    const url = parsedUrl(/:\/\//.test(value) ? value : `http://${value}`);
    if (url && /^https?:$/.test(url.protocol)) this.found.proxy.url ??= url.href;
    else if (value) this.leaveOut(`the proxy ${cut(value)}`, 'only HTTP proxies are supported');
  }

  exceptions(value: string): void {
    if (this.found.proxy.except.length === 0) this.found.proxy.except = value.split(/[\s,|]+/).filter(Boolean);
  }

  get settings(): PackageSettings {
    return { ...this.found, shown: [...this.shown], hosts: [...this.hosts], leftOut: [...this.leftOut] };
  }
}

/** Only the kind of address is shown: the rest may hold a credential. */
const cut = (value: string) => value.replace(/:\/\/.*/, '://…');

function parsedUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
