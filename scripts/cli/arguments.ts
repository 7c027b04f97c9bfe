import type { Command } from 'commander';
import type { Contract } from '#server/contracts/contract.ts';
import type { Input, Item } from '#server/contracts/client.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { listTasks } from '#server/contracts/tasks.ts';
import { CliError, type Client } from './client.ts';

/**
 * Checks that no given value is empty, such as one from a variable of a shell that is not set: an empty id would match
 * every record, and an empty path is the present folder.
 */
export function requireValues(command: Command): void {
  const empty = (value: unknown) => typeof value === 'string' && value.trim() === '';
  const argument = command.registeredArguments.find((_, i) => empty(command.args[i]));
  const option = command.options.find((one) => empty(command.getOptionValue(one.attributeName())));
  const name = argument ? `<${argument.name()}>` : option?.long;
  if (name) throw new CliError(`${name} must not be empty.`, 2);
}

/** Checks that an argument is one of the allowed values. `name` is the argument as the user knows it. */
export function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const known = allowed.find((one) => one === value);
  if (known === undefined) throw new CliError(`${name} must be one of ${allowed.join(', ')}, not ${value}.`, 2);
  return known;
}

/** Checks that an argument is a whole number from 0. */
export function wholeNumber(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new CliError(`${name} must be a whole number such as 3, not ${value}.`, 2);
  return Number(value);
}

export const shortId = (id: string) => id.slice(0, 8);

const newest = { query: { limit: 200 } };

export const specId = (client: Client, id: string) => fullId(client, 'spec', listSpecs, newest, id, () => undefined);
export const runId = (client: Client, id: string) => fullId(client, 'run', listRuns, newest, id, () => undefined);
export const taskId = (client: Client, id: string) => fullId(client, 'task', listTasks, newest, id, (task) => task.key);
export const projectId = (client: Client, id: string) =>
  fullId(client, 'project', listProjects, newest, id, (project) => project.name);

/** Completes the beginning of an id, a key or a name, among the newest 200 records. A full id is returned unchanged. */
async function fullId<C extends Contract>(
  client: Client,
  kind: string,
  list: C,
  input: Input<C>,
  id: string,
  keyOf: (item: Item<C>) => string | undefined,
): Promise<string> {
  if (id.length >= 36) return id;
  const { items } = (await client.call(list, input)) as { items: (Item<C> & { id: string })[] };
  const found = items.filter((item) => item.id.startsWith(id) || keyOf(item) === id);
  if (found.length === 1 && found[0]) return found[0].id;
  throw new CliError(
    found.length === 0
      ? `There is no ${kind} ${id} among the newest 200.`
      : `${id} matches ${found.length} ids. Give more characters of the id.`,
    1,
  );
}
