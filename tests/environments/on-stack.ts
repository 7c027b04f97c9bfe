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

/** Work on a row until its pull request. What the survey's set-up left is there already. */
interface Work {
  seconds: number;
  body: string;
  files: string[];
}

/** What became of a row. */
export interface Outcome {
  roots: Required<SurveyedAs>[];
  /** How long the survey took, from an empty home folder. */
  survey_s: number;
  works: Work[];
}

interface Place {
  dir: string;
  own: OwnStack;
  env: NodeJS.ProcessEnv;
  /** The same work a second time. */
  again: boolean;
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

/** Takes a row from its files over its survey to open pull requests of quick tickets. */
export async function playOnStack(row: Row, { dir, own, env, again }: Place): Promise<Outcome> {
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
    ({ state, started_at: began }) => began !== null && state !== 'surveying',
    280_000,
  );
  const works = [await workOn(row, id, dir, own)];
  if (again) works.push(await workOn(row, id, dir, own));
  return {
    roots: environment.roots.map(asRow),
    survey_s: (Date.parse(environment.ended_at ?? '') - Date.parse(environment.started_at ?? '')) / 1000,
    works,
  };
}

async function workOn(row: Row, projectId: string, dir: string, own: OwnStack): Promise<Work> {
  const { api } = own;
  const began = Date.now();
  const played = await own.play((request) => answerValue(request) ?? finishTask(request, row.edits, row.command));
  const { id: ticket } = await api.post<{ id: string }>('/tickets', {
    project_id: projectId,
    title: `Add a file ${played.word}`,
    description: `Write ${Object.keys(row.edits).join(', ')}.`,
    workflow_mode: 'quick',
  });
  const { items } = await api.until<{ items: { ticket_id: string; branch: string; body: string }[] }>(
    `/pull-requests?project_id=${projectId}`,
    (page) => page.items.some(({ ticket_id: of }) => of === ticket),
    280_000,
  );
  await played.stop();
  const { branch = '', body = '' } = items.find(({ ticket_id: of }) => of === ticket) ?? {};
  return {
    seconds: (Date.now() - began) / 1000,
    body,
    files: git(dir, 'diff', '--name-only', 'main', branch).split('\n').sort(),
  };
}
