/** Revisions of the protocol whose servers are called. Older ones know no streamable HTTP. */
const supportedVersions = ['2025-03-26', '2025-06-18', '2025-11-25'] as const;

/** Why servers of a revision are kept, but not called; undefined for those that are. */
export const versionProblem = (version: string): string | undefined =>
  supportedVersions.some((known) => known === version)
    ? undefined
    : `The version ${version} is not supported. Supported are ${supportedVersions.join(', ')}.`;

/** What a policy allows: calls of tools that only read, and calls of all others. */
export const mcpActions = ['read', 'write'] as const;
export type McpAction = (typeof mcpActions)[number];

const changing = /write|delete|modify|update|create|remove/i;
/** Whether the name of a tool says that it changes something: then a policy alone does not do. */
export const saysItChanges = (tool: string): boolean => changing.test(tool);
/** Minutes for which a grant lets an agent call a tool that says so. */
export const tokenMinutes = 15;

/** Seconds that one call may take, with its connection. */
export const callSeconds = 30;
/** Tries of a call, the first included. */
export const callTries = 3;
/** Milliseconds for which the answer to an idempotency key is kept. */
export const keptMs = 3_600_000;

/**
 * Milliseconds before the try after the `n`-th one that failed, n from 1: 500 * 2^n, at most 30,000, by 20 % more or less.
 * @param random from 0 to 1.
 */
export const delayAfterTry = (n: number, random: number): number =>
  Math.round(Math.min(500 * 2 ** n, 30_000) * (0.8 + 0.4 * random));

const secretName = /password|token|secret|key|credential/i;
/** Parameters without the values of those, on every level, whose name speaks of a secret. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, secretName.test(name) ? '[redacted]' : withoutSecrets(one)]),
  );
}

/** JSON whose objects have their fields in order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** Signs that are not seen or turn text: a description with them would show people less than it tells a model. */
const hidden = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
export const hidesText = (text: string): boolean => hidden.test(text);
