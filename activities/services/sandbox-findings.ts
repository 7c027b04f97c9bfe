import { homedir } from 'node:os';
import { readPackageSettings } from '../adapters/sandbox/local/packages/index.ts';
import { environment, type Config } from './config.ts';

interface SandboxFinding {
  part: string;
  found: string;
  state: 'ok' | 'warning';
  note: string;
}

/** The settings of package clients that local sandboxes get from this machine, and those that are left out. */
export function packageFindings(config: Pick<Config, 'sandbox'>): SandboxFinding[] {
  const { env, files, leftOut } = readPackageSettings(
    { HOME: homedir(), ...environment },
    config.sandbox.package_settings,
  );
  const names = [...Object.keys(env), ...Object.keys(files).map((name) => `~/${name}`)].sort();
  return [
    {
      part: 'package settings',
      found: names.length > 0 ? names.join(', ') : 'none',
      state: leftOut.length > 0 ? 'warning' : 'ok',
      note: leftOut.join(' '),
    },
  ];
}
