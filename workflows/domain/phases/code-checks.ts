import type { DesignOutput } from './design.ts';
import type { CodeBase, Veto } from './phase.ts';
import { isPlain, pathOf } from './plan-checks.ts';
import type { TasksOutput } from './tasks.ts';

const sourceFile = /^[\w@.-]+(?:\/[\w@.-]+)+\.(?:[cm]?[jt]sx?|py|go|rs|rb|php|java|kt|sh)$/;
const npmScript = /^(?:npm (?:run|run-script)|pnpm run|yarn run) ([\w:.-]+)|^(?:npm|pnpm|yarn) (test)\b/;

const createdBy = ({ tasks }: TasksOutput): ReadonlySet<string> =>
  new Set(tasks.flatMap((task) => task.files_to_create.map(pathOf)));

/**
 * Checks of tasks and tickets that cannot start: they name a source file that neither exists nor is created by the
 * plan, or a script that package.json does not have and the plan does not add. What code cannot tell is let through.
 */
export function checkVetoes(plan: TasksOutput, base: CodeBase): Veto[] {
  const created = createdBy(plan);
  const changesScripts = plan.tasks.some((task) =>
    [...task.files_to_create, ...task.files_to_modify].some((file) => pathOf(file) === 'package.json'),
  );
  const missingFrom = (check: string): string | undefined => {
    const script = npmScript.exec(check.trim());
    const name = script?.[1] ?? script?.[2];
    if (name && base.scripts && !changesScripts && !base.scripts.includes(name)) return `the script ${name}`;
    // A command that changes its directory names files that are relative to another one.
    if (/\bcd\s|--prefix|-C\s/.test(check)) return undefined;
    const files = check.split(/[\s'"]+/).map((word) => pathOf(word.replace(/::.*$/, '')));
    return files.find((file) => sourceFile.test(file) && !base.paths.has(file) && !created.has(file));
  };
  return [...plan.tickets, ...plan.tasks].flatMap(({ id, acceptance_criteria: criteria }) =>
    criteria.flatMap(({ id: criterion, check }) => {
      const missing = check && missingFrom(check);
      if (!missing) return [];
      const message = `The check of ${criterion} cannot start: ${missing} does not exist, and no task creates it. Name a command that exists, or add it to files_to_create: ${check}`;
      return [{ code: 'check_cannot_start' as const, message, ids: [id] }];
    }),
  );
}

/** Components that others use and that nobody makes: their file neither exists nor is created by a task. */
export function interfaceVetoes(plan: TasksOutput, design: DesignOutput | undefined, base: CodeBase): Veto[] {
  const created = createdBy(plan);
  const components = design?.components ?? [];
  return components.flatMap(({ name, file_path: path }) => {
    const file = pathOf(path);
    if (!name || !file || !isPlain(file) || /[\s,]/.test(file) || base.paths.has(file) || created.has(file)) return [];
    const users = components.filter((other) => other.name !== name && other.dependencies.includes(name));
    if (users.length === 0) return [];
    const message = `${users.map((user) => user.name).join(', ')} uses ${name} of the design, whose file ${file} does not exist and is created by no task.`;
    return [{ code: 'interface_not_made' as const, message, ids: [name] }];
  });
}
