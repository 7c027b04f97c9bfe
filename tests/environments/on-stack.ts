import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { createProject } from '#server/contracts/projects.ts';
import type { environmentSchema } from '#server/contracts/environment.ts';
import type { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { commitAll, git, put } from '#tests/ports/local/fixture.ts';
import { answerValue, finishTask } from '#tests/support/scripts.ts';
import { runIn, type Row, type SurveyedAs } from './row.ts';

type Environment = z.output<typeof environmentSchema>;

/** What became of a row. */
export interface Outcome {
  roots: Required<SurveyedAs>[];
  /** How long the survey took, and the work until its pull request, in seconds. */
  survey_s: number;
  work_s: number;
  body: string;
  files: string[];
}

const asRow = ({ path, kind, setup, checks, missing }: Environment['roots'][number]): Required<SurveyedAs> => ({
  path,
  kind,
  setup,
  checks: checks.map(({ command, state, tests, failing_tests: failing, flaky_tests: flaky }) => ({
    command,
    state,
    tests,
    failing,
    flaky,
  })),
  missing: missing.map(({ what }) => what),
});

/** Takes a row from its files over its survey and a quick ticket to an open pull request. */
export async function playOnStack(row: Row, dir: string, own: OwnStack, env: NodeJS.ProcessEnv): Promise<Outcome> {
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  put(dir, row.files);
  for (const { command, cwd = '' } of row.lock ?? []) runIn(path.join(dir, cwd), command, env);
  commitAll(dir, 'Begin');
  const { api } = own;
  const { id } = await api.call(createProject, {
    // A review would run the same tests once more.
    body: { name: row.name, repository: { path: dir }, settings: { validation: 'none' } },
  });
  const environment = await api.until<Environment>(
    `/projects/${id}/environment`,
    ({ state }) => state !== 'none' && state !== 'surveying',
    280_000,
  );
  const surveyed = Date.now();
  const played = await own.play((request) => answerValue(request) ?? finishTask(request, row.edits, row.command));
  await api.post('/tickets', {
    project_id: id,
    title: `Add a file ${played.word}`,
    description: `Write ${Object.keys(row.edits).join(', ')}.`,
    workflow_mode: 'quick',
  });
  const [pull] = (
    await api.until<{ items: { branch: string; body: string }[] }>(
      `/pull-requests?project_id=${id}`,
      ({ items }) => items.length > 0,
      280_000,
    )
  ).items;
  await played.stop();
  return {
    roots: environment.roots.map(asRow),
    survey_s: (Date.parse(environment.ended_at ?? '') - Date.parse(environment.started_at ?? '')) / 1000,
    work_s: (Date.now() - surveyed) / 1000,
    body: pull?.body ?? '',
    files: git(dir, 'diff', '--name-only', 'main', pull?.branch ?? '').split('\n'),
  };
}
