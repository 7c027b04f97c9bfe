import type { z } from 'zod';
import type { environmentSchema } from '#server/contracts/environment.ts';
import { retryingLines } from './screen.ts';

export type Environment = z.output<typeof environmentSchema>;
type Root = Environment['roots'][number];

const seconds = (ms: number | null) => (ms === null ? '' : `, ${(ms / 1000).toFixed(1)} s`);
const few = 10;
const listed = (label: string, ids: string[]) =>
  ids.length === 0
    ? []
    : [
        `      ${label}:`,
        ...ids.slice(0, few).map((id) => `        ${id}`),
        ...(ids.length > few ? [`        and ${ids.length - few} more`] : []),
      ];

function checkLines(check: Root['checks'][number]): string[] {
  const state = {
    passed: 'passes',
    failed: check.failing_tests.length > 0 ? `fails with ${check.failing_tests.length} tests` : 'fails',
    broken: 'does not run',
    too_long: 'takes too long',
    not_run: 'was not run',
  }[check.state];
  const count = check.tests === null ? '' : `, ${check.tests} tests`;
  const from = check.source ? ` (${check.source.file}:${check.source.line})` : ' (settings)';
  return [
    `    ${check.command}: ${state}${count}${seconds(check.duration_ms)}${from}`,
    ...listed('failing', check.failing_tests),
    ...listed('flaky', check.flaky_tests),
  ];
}

function rootLines(root: Root): string[] {
  const steps = root.setup.map((command) => {
    const step = root.setup_steps.find((other) => other.command === command);
    if (!step) return `    ${command}: was not run`;
    const ended = step.exit_code === 0 ? 'works' : `failed with ${step.exit_code ?? 'its time limit'}`;
    return `    ${command}: ${ended}${seconds(step.duration_ms)}`;
  });
  const tools = root.tools.map(({ tool, version, source, found }) => {
    const wanted = version ? `${version} is asked for` : 'asked for';
    return `    ${tool} ${found ?? 'is not there'}, ${wanted} (${source.file}:${source.line})`;
  });
  return [
    `${root.path || 'the repository'} (${root.kind})`,
    ...(steps.length > 0 ? ['  set-up', ...steps] : []),
    ...(root.checks.length > 0 ? ['  checks', ...root.checks.flatMap(checkLines)] : []),
    ...(tools.length > 0 ? ['  tools', ...tools] : []),
    ...(root.missing.length > 0 ? ['  missing'] : []),
    ...root.missing.flatMap(({ what, remedy }) => [`    ${what}`, `      ${remedy}`]),
  ];
}

const states: Record<Environment['state'], string> = {
  none: 'The repository was never surveyed. Run the command with --again.',
  surveying: 'The survey runs.',
  ready: 'Everything that was found works.',
  partly: 'Something is missing.',
  failed: 'The project cannot be set up.',
};

export function environmentLines(environment: Environment): string[] {
  const { state, step, error, base_sha: sha, roots, shown } = environment;
  return [
    `${states[state]}${step ? ` Now: ${step}.` : ''}${sha ? ` Commit ${sha.slice(0, 12)}.` : ''}`,
    ...(error ? [error] : []),
    ...retryingLines(environment.retrying),
    ...roots.flatMap((root) => ['', ...rootLines(root)]),
    ...(shown.length > 0 ? ['', 'Commands of the repository that are never run'] : []),
    ...shown.map(({ command, source }) => `  ${command} (${source.file}:${source.line})`),
  ];
}
