import type { Missing } from './environment.ts';

/** How a command of a survey ended. */
export interface Ended {
  command: string;
  /** null: at its time limit. */
  exit_code: number | null;
  /** Its output, both streams. */
  output: string;
  /** Seconds of its limit. */
  limit: number;
  network: boolean;
}

interface Cause {
  pattern: RegExp;
  missing: (match: RegExpExecArray, ended: Ended) => Missing;
}

/** Commands have a /tmp of their own, so a tool that the machine keeps there is not seen. */
export const installRemedy = (tool: string): string =>
  `Install ${tool} in a folder of the worker's PATH outside of /tmp, or let the project's set-up install it.`;

const name = (text = '') => text.trim().slice(0, 80);
const service = (what: string) => ({
  what: `a running ${what}`,
  remedy: `Sandboxes have no ${what}. Let the tests use a stand-in that they start themselves, or set the project's checks to those that need none.`,
});

/**
 * Causes of failed commands that output shows, the most specific first. The output is the repository's own text, so
 * only the cause counts and no instruction is taken from it.
 */
const causes: Cause[] = [
  {
    pattern:
      /Cannot connect to the Docker daemon|(?:failed|unable) to connect to the docker API|\bdocker(?:-compose)?: (?:command )?not found|spawn docker ENOENT|Could not find a valid Docker environment/i,
    missing: () => ({
      what: 'Docker',
      remedy:
        "Sandboxes have no Docker engine. Set the project's checks to those that need none, or use a sandbox provider with Docker.",
    }),
  },
  {
    pattern:
      /(?:ECONNREFUSED|connection (?:to server )?.*refused)[^\n]*\b5432\b|\b5432\b[^\n]*(?:refused|ECONNREFUSED)/i,
    missing: () => service('PostgreSQL'),
  },
  {
    pattern: /ECONNREFUSED[^\n]*\b3306\b|Can't connect to (?:local )?(?:MySQL|MariaDB)/i,
    missing: () => service('MySQL'),
  },
  { pattern: /ECONNREFUSED[^\n]*\b6379\b|Error \d+ connecting to [^\n]*:6379/i, missing: () => service('Redis') },
  {
    pattern: /ECONNREFUSED[^\n]*\b27017\b|MongoServerSelectionError|ServerSelectionTimeoutError/i,
    missing: () => service('MongoDB'),
  },
  {
    pattern:
      /\bE40[13]\b|\b40[13] (?:Unauthorized|Forbidden)|authentication (?:is )?required|could not read Username|Incorrect or missing password|needs? authentication/i,
    missing: () => ({
      what: 'access to a private registry',
      remedy:
        'No token of a registry enters a sandbox. Ask the operator for a mirror that holds the token (docs/operations.md), or vendor the packages into the repository.',
    }),
  },
  {
    pattern: /EBADENGINE|engine "?(\w+)"? is incompatible|The engine "(\w+)"/i,
    missing: (match) => ({
      what: `another version of ${name(match[1] ?? match[2] ?? 'node')}`,
      remedy:
        "Install the version that the repository asks for on the worker's PATH, or change the version that it asks for.",
    }),
  },
  {
    pattern: /go\.mod requires go >= ?([\d.]+)|note: module requires Go ([\d.]+)/i,
    missing: (match) => ({
      what: `Go ${name(match[1] ?? match[2])}`,
      remedy: "Install that version of Go on the worker's PATH, or lower the version in go.mod.",
    }),
  },
  {
    pattern:
      /requires-python[^\n]*?([<>=~!]=?\s*[\d.*]+)|No interpreter found for Python ([^\s]+)|requires a different Python: [^\n]*not in '([^']+)'/i,
    missing: (match) => ({
      what: `Python ${name(match[1] ?? match[2] ?? match[3])}`,
      remedy: "Install that version of Python on the worker's PATH, or change requires-python.",
    }),
  },
  {
    pattern: /rustc ([\d.]+) is not supported by|requires rustc ([\d.]+)/i,
    missing: (match) => ({
      what: `Rust ${name(match[2] ?? 'in a newer version')}`,
      remedy: "Install that version of Rust on the worker's PATH, or lower rust-version.",
    }),
  },
  {
    pattern: /(?:release version|invalid target release:?) (\d+)(?: not supported)?/i,
    missing: (match) => ({
      what: `Java ${name(match[1])}`,
      remedy: "Install that version of the JDK on the worker's PATH, or lower the release that the build asks for.",
    }),
  },
  {
    pattern:
      /can only install with an existing package-lock|ERR_PNPM_NO_LOCKFILE|Cannot install with "frozen-lockfile"|lockfile needs to be updated|would have been modified by this install|lock ?file .*(?:not up to date|out of date)|the lock file [^\n]* needs to be updated|is out of sync/i,
    missing: () => ({
      what: 'a lock file that fits the manifest',
      remedy: 'Run the package client once, and commit the lock file that it writes.',
    }),
  },
  {
    pattern:
      /(?:bash: line \d+: |sh: \d+: |\/bin\/sh: )([\w./+-]+): (?:command )?not found|([\w./+-]+): command not found|make: ([\w./+-]+): No such file or directory/,
    missing: (match) => {
      const tool = name(match[1] ?? match[2] ?? match[3]);
      return {
        what: tool,
        remedy: installRemedy(tool),
      };
    },
  },
  {
    pattern: /No module named '?([\w.]+)'?|Cannot find (?:module|package) '([^']+)'/,
    missing: (match) => ({
      what: `the package ${name(match[1] ?? match[2])}`,
      remedy: "Add it to the project's dependencies, or name the set-up commands in the project's settings.",
    }),
  },
  {
    pattern:
      /(?:ENOTFOUND|EAI_AGAIN|Could not resolve (?:host|proxy):?|dial tcp: lookup)(?: ([\w.-]+))?|Temporary failure in name resolution|Network is unreachable|CONNECT tunnel failed/i,
    missing: ([, host], { network }) =>
      network
        ? {
            what: host ? `the network address ${name(host)}` : 'the network address that the command needs',
            remedy:
              'Check that the machine reaches it; sandboxes reach public addresses and those that the operator lists.',
          }
        : {
            what: 'the network',
            remedy: "Checks have no network. Let set-up download what they need, or set the project's network to full.",
          },
  },
];

/** A target that is also the name of a folder is never made, so a check of that name checks nothing. */
const upToDate = /^make: [`']([\w./-]+)' is up to date\.\s*$/;
const prompts = /(?:\[y\/n\]|\(y\/n\)|\(yes\/no\)|password:|press any key|\? .*›)/i;
/** A program that found nobody to ask. */
const unanswered =
  /EOFError: EOF when reading a line|(?:input device|stdin|standard input) is not a (?:tty|terminal)|couldn't be rendered in the current environment/i;
const watches =
  /watch(?:ing)? (?:mode|for (?:file )?changes)|Watch Usage|press (?:q|h) to (?:quit|show)|Waiting for file changes/i;

/** A question at the end of the output, where a program waits for its answer or has given up. */
const asks = (output: string) =>
  unanswered.test(output) ||
  output
    .trimEnd()
    .split('\n')
    .slice(-3)
    .some((line) => prompts.test(line));

const question = ({ command }: Ended): Missing => ({
  what: `a command that asks nothing: \`${command}\` waits for an answer`,
  remedy: 'Nobody can answer in a sandbox. Give the command its flag that answers by itself, such as --yes.',
});

/**
 * The cause of a failed command of a survey, and what a person can do about it.
 * @returns undefined when the output shows no known cause; for tests that fail that is the usual case.
 */
export function diagnose(ended: Ended): Missing | undefined {
  const end = ended.output.slice(-20_000);
  if (ended.exit_code === 0) {
    const idle = upToDate.exec(end);
    return idle
      ? {
          what: `a command that checks something: \`${ended.command}\` did nothing, because a file or folder has the name of its target`,
          remedy: `Add \`.PHONY: ${name(idle[1])}\` to the Makefile.`,
        }
      : undefined;
  }
  if (ended.exit_code === null) {
    if (asks(end)) return question(ended);
    if (watches.test(end))
      return {
        what: `a command that ends: \`${ended.command}\` watches files and goes on forever`,
        remedy: "Name a command in the project's checks that runs once.",
      };
    return {
      what: `a command that ends in time: \`${ended.command}\` was stopped after ${Math.round(ended.limit)} s`,
      remedy:
        "If it never ends, name another one in the project's settings. If it is only slow, name a part of it, or raise the limit there (survey.setup_seconds, survey.check_seconds).",
    };
  }
  for (const { pattern, missing } of causes) {
    const match = pattern.exec(end);
    if (match) return missing(match, ended);
  }
  if (asks(end)) return question(ended);
  return undefined;
}
