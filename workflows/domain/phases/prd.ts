import { z } from 'zod';
import { duplicates, idPatterns } from '../requirements/ids.ts';
import { criteria, id, label, listOrProse, notes, openQuestion, section, text, withCriteriaIds } from './fields.ts';
import { chapterList, chapterTable, criteriaList, labelled, line } from './markdown-blocks.ts';
import type { PhaseDefinition } from './phase.ts';
import { phasePrompt } from './prompt.ts';
import { everyItem, given, listCredit } from './scoring.ts';

const story = z.strictObject({
  id,
  role: text,
  want: text,
  benefit: text,
  priority: label,
  acceptance_criteria: criteria,
});

const schema = z.strictObject({
  prd_version: label,
  overview: section({ feature_name: text, one_liner: text, problem_statement: text, solution_summary: text }),
  goals: section({
    primary: notes,
    secondary: notes,
    success_metrics: z.array(z.strictObject({ metric: text, target: label, measurement: text })).default([]),
  }),
  users: section({
    primary: z.array(z.strictObject({ role: text, description: text, needs: notes })).default([]),
    secondary: notes,
  }),
  user_stories: z.array(story.transform(withCriteriaIds)).default([]),
  scope: section({ in_scope: notes, out_of_scope: notes, dependencies: notes }),
  assumptions: notes,
  constraints: section({ technical: notes, business: notes }),
  risks: z.array(z.strictObject({ description: text, impact: label, likelihood: label, mitigation: text })).default([]),
  open_questions: listOrProse(openQuestion),
  related_features: notes,
  revision_history: notes,
});

export type PrdOutput = z.output<typeof schema>;

const task = `Write the product requirements document (PRD) of the feature: what users get and why, not how it is built.

- Overview: name, one sentence, the problem and the solution in a few sentences each.
- Goals, primary and secondary. Success metrics that can be measured: metric, target as a number, how it is measured.
- Users: role, description, needs.
- User stories: 5 to 15, ids from US-001. They include what happens on errors, wrong input and empty data. Each has role, want, benefit, priority and acceptance criteria that a test can decide.
- Scope: what is in, what is out, what it depends on. Keep to the request; a smaller, complete feature is better than a larger one.
- Assumptions, constraints (technical, business), risks with impact and mitigation. Open questions only where an answer would change the scope: each with the assumption that the plan makes while nobody answers.`;

const brief =
  'What users get and why: overview (name, one_liner, problem_statement and solution_summary of a sentence or two), goals with one success metric as a number, the primary user with role and description, scope (in, out, dependencies), constraints, assumptions, risks with impact. user_stories from US-001 with role, want, benefit, priority and criteria: one for each thing that a user can do, errors included. open_questions {question, assumption} only where an answer would change the scope.';

export const prd: PhaseDefinition<'prd', PrdOutput> = {
  id: 'prd',
  schema,
  inputs: ['explore'],
  instructions: (request) => phasePrompt(prd, request, task),
  brief,
  score: ({
    overview,
    goals,
    users,
    user_stories: stories,
    scope,
    assumptions,
    constraints,
    risks,
    open_questions: questions,
  }) => [
    {
      name: 'overview',
      weight: 0.15,
      value:
        (has(overview.feature_name) +
          has(overview.one_liner) +
          longer(overview.problem_statement) +
          longer(overview.solution_summary)) /
        4,
      note: 'overview: feature_name, one_liner, problem_statement and solution_summary of more than 30 characters',
    },
    {
      name: 'goals',
      weight: 0.15,
      value: (has(goals.primary) + 0.5 * has(goals.secondary) + has(goals.success_metrics)) / 2.5,
      note: 'goals: at least one primary goal, secondary goals, at least one success metric',
    },
    everyItem(
      'users',
      0.1,
      users.primary,
      (user) => given(user.role) && given(user.description),
      'primary users with role and description',
      {
        nameOf: (user, index) => user.role || `number ${index + 1}`,
      },
    ),
    everyItem(
      'user_stories',
      0.2,
      stories,
      (item) => [item.role, item.want, item.benefit, item.priority].every(given),
      'stories with id, role, want, benefit, priority',
    ),
    everyItem('story_ids', 0.05, stories, (item) => idPatterns.story.test(item.id), 'story ids of the form US-001'),
    everyItem(
      'story_criteria',
      0.1,
      stories,
      (item) => given(item.acceptance_criteria),
      'at least one acceptance criterion for each story',
    ),
    {
      name: 'scope',
      weight: 0.1,
      value: (has(scope.in_scope) + has(scope.out_of_scope) + 0.5 * has(scope.dependencies)) / 2.5,
      note: 'scope: in_scope, out_of_scope, dependencies',
    },
    { name: 'assumptions', weight: 0.03, value: given(assumptions) ? 1 : 0.5, note: 'assumptions' },
    {
      name: 'constraints',
      weight: 0.05,
      value: (has(constraints.technical) + 0.5 * has(constraints.business)) / 1.5,
      note: 'constraints: technical, business',
    },
    everyItem(
      'risks',
      0.05,
      risks,
      (risk) => given(risk.description) && given(risk.impact),
      'risks with description and impact',
      { empty: 0.3 },
    ),
    { name: 'open_questions', weight: 0.02, value: listCredit(questions), note: 'open_questions as a list' },
  ],
  vetoes: ({ user_stories: stories }) =>
    duplicates(stories.map((item) => item.id)).map((twice) => ({
      code: 'duplicate_id',
      message: `The story id ${twice} occurs more than once.`,
      ids: [twice],
    })),
  chapter: prdChapter,
};

function has(value: unknown): number {
  return given(value) ? 1 : 0;
}

function longer(value: string): number {
  return value.trim().length > 30 ? 1 : 0;
}

function prdChapter({ overview, goals, user_stories: stories, scope, assumptions, risks }: PrdOutput): string[] {
  return [
    '## PRD',
    overview.one_liner,
    labelled('Problem', overview.problem_statement),
    labelled('Solution', overview.solution_summary),
    ...chapterList('### Goals', [...goals.primary, ...goals.secondary]),
    ...chapterTable(
      '### Success metrics',
      ['Metric', 'Target', 'Measurement'],
      goals.success_metrics.map((item) => [item.metric, item.target, item.measurement]),
    ),
    ...(stories.length ? ['### User stories'] : []),
    ...stories.flatMap((story) => [
      `#### ${story.id}`,
      `As ${line(story.role)}, I want ${line(story.want)}, so that ${line(story.benefit)}. (${story.priority || 'no priority'})`,
      criteriaList(story.acceptance_criteria),
    ]),
    ...chapterList('### In scope', scope.in_scope),
    ...chapterList('### Out of scope', scope.out_of_scope),
    ...chapterList('### Assumptions', assumptions),
    ...chapterTable(
      '### Risks',
      ['Risk', 'Impact', 'Mitigation'],
      risks.map((risk) => [risk.description, risk.impact, risk.mitigation]),
    ),
  ];
}
