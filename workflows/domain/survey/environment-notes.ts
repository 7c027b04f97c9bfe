import { asData, oneLine } from '../agent/untrusted.ts';
import type { SurveyedCheck, SurveyedRoot } from './environment.ts';
import { fromTop } from './state.ts';

export interface EnvironmentFacts {
  /** Day in ISO form: 2026-11-26. */
  date: string;
  /** Network access of the agent's own commands, and of set-up. */
  network: 'none' | 'setup' | 'registries' | 'full';
  /** What the survey knows; empty where there is none. */
  roots: SurveyedRoot[];
}

const shownTests = 20;

const networks: Record<EnvironmentFacts['network'], string> = {
  none: 'no network, also during set-up',
  setup: 'no network; set-up had it',
  registries: 'only package registries',
  full: 'public addresses',
};

const few = (ids: string[]) =>
  `${ids.slice(0, shownTests).map(oneLine).join('; ')}${ids.length > shownTests ? `; and ${ids.length - shownTests} more` : ''}`;

function aboutCheck(path: string, check: SurveyedCheck): string[] {
  const command = oneLine(fromTop(path, check.command));
  const time = check.duration_ms === null ? '' : ` in ${Math.ceil(check.duration_ms / 1000)} s`;
  const count = check.tests === null ? '' : `, ${check.tests} tests`;
  const ended = {
    passed: `passes${time}${count}`,
    failed: `fails already without your work${time}${count}`,
    broken: 'does not run here',
    too_long: 'takes too long here: run a part of it',
    not_run: 'was not tried',
  }[check.state];
  return [
    `${command}: ${ended}`,
    ...(check.failing_tests.length > 0 ? [`  fail already: ${few(check.failing_tests)}`] : []),
    ...(check.flaky_tests.length > 0 ? [`  fail now and then: ${few(check.flaky_tests)}`] : []),
  ];
}

function aboutRoot(root: SurveyedRoot): string[] {
  const failed = root.setup_steps.find((step) => step.exit_code !== 0);
  const setup =
    root.setup.length === 0
      ? []
      : [
          failed
            ? `set-up failed: ${oneLine(fromTop(root.path, failed.command))}`
            : `set up: ${root.setup.map((command) => oneLine(fromTop(root.path, command))).join('; ')}`,
        ];
  const tools = root.tools.flatMap(({ tool, found }) => (found ? [`${oneLine(tool)} ${oneLine(found)}`] : []));
  return [
    ...setup,
    ...(tools.length > 0 ? [`tools: ${tools.join(', ')}`] : []),
    ...root.checks.flatMap((check) => aboutCheck(root.path, check)),
    ...root.missing.map(({ what }) => `missing: ${oneLine(what)}`),
  ];
}

/** What an agent has to know about the place where it works, for the first message of its session. */
export function environmentNotes({ date, network, roots }: EnvironmentFacts): string {
  const known = roots.flatMap(aboutRoot);
  return `Date: ${date}. Your commands have ${networks[network]}.${known.length > 0 ? `\n${asData('set-up and checks at the base', known.join('\n'))}` : ''}`;
}
