import { execFileSync } from 'node:child_process';

/** What a survey says of a root. */
export interface SurveyedAs {
  path: string;
  kind: string;
  setup: string[];
  checks: { command: string; state: string; tests: number | null; failing?: string[]; flaky?: string[] }[];
  missing?: string[];
}

/** A small project as people have it, what its survey must say, and work on it. */
export interface Row {
  name: string;
  /** Left out where time is short: a quicker row shows nearly the same. */
  slow?: true;
  /** Programs without which a machine cannot play it; Node, npm and Python are always there. */
  needs?: string[];
  files: Record<string, string>;
  /** Commands by which the project's own client writes its lock files, from the registry of this machine. */
  lock?: { command: string[]; cwd?: string }[];
  roots: SurveyedAs[];
  /** Files that the agent writes. */
  edits: Record<string, string>;
  /** The tests that the agent runs: green ones. */
  command: string;
}

/** Runs a program of this machine in a folder. */
export function runIn(cwd: string, [program = '', ...args]: string[], env: NodeJS.ProcessEnv): void {
  execFileSync(program, args, { cwd, env, timeout: 240_000, stdio: ['ignore', 'ignore', 'pipe'] });
}

export const nodeTest = (name: string, body: string, imports = '') =>
  `import assert from 'node:assert/strict';\nimport test from 'node:test';\n${imports}\ntest('${name}', () => {\n  ${body}\n});\n`;
