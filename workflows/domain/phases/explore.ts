import { z } from 'zod';
import { id, listOrProse, note, notes, section, text } from './fields.ts';
import type { ScoredCriterion, PhaseDefinition } from './phase.ts';
import { phasePrompt } from './prompt.ts';
import { byCount, given, listCredit, partsGiven, textCredit } from './scoring.ts';

const questionCategories = [
  'Problem & Value',
  'Users & Journeys',
  'Scope & Boundaries',
  'Technical Context',
  'Trade-offs & Risks',
] as const;

const schema = z.strictObject({
  codebase_summary: text,
  project_type: text,
  tech_stack: notes,
  structure: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
  key_files: z.array(z.strictObject({ path: text, purpose: text })).default([]),
  relevant_patterns: listOrProse(
    z.strictObject({ pattern: text, description: text, files: z.array(z.string()).default([]) }),
  ),
  existing_models: z.array(z.strictObject({ name: text, file: text, fields: notes })).default([]),
  conventions: section({ naming: text, testing: text, patterns: notes }),
  entry_points: notes,
  test_structure: note.default(''),
  discovery_questions: z.array(z.strictObject({ category: id, questions: notes })).default([]),
  feature_summary: section({
    name: text,
    one_liner: text,
    problem_statement: text,
    scope_in: notes,
    scope_out: notes,
    technical_constraints: notes,
    risks_identified: notes,
    success_metrics: notes,
  }),
  related_to_feature: listOrProse(z.strictObject({ name: text, file: text, relevance: text })),
  notes: text,
});

export type ExploreOutput = z.output<typeof schema>;

const task = `Explore the repository before anything is planned. Read only.

- Structure: what the project is, its technologies, directories by area, entry points, data models, the key files and what each is for.
- Patterns: how comparable features are built here, with the files that show it, and the naming conventions.
- Tests: which framework, where they are, how to run all of them and one alone.
- What the request touches: files, functions and models, each with its relevance.
- The feature in short: name, one sentence, the problem, what is in scope and what is not, constraints, risks, measures of success.
- Discovery questions: 5 to 15 in all, grouped under exactly these categories: ${questionCategories.map((category) => `"${category}"`).join(', ')}. Take answers from the code wherever it has them; ask only what would change the scope.`;

const brief = `What there is, read only: codebase_summary, project_type, tech_stack, structure by area, at least 3 key_files with their purpose, conventions (naming, testing with the command for all tests and for one, patterns), relevant_patterns and related_to_feature as lists with their files. feature_summary: name, problem_statement, scope_in, scope_out. One discovery question a category, only where an answer would change the scope: ${questionCategories.join(', ')}.`;

export const explore: PhaseDefinition<'explore', ExploreOutput> = {
  id: 'explore',
  schema,
  inputs: [],
  instructions: (request) => phasePrompt(explore, request, task),
  brief,
  score: (output) => {
    const { conventions, feature_summary: summary } = output;
    return [
      {
        name: 'codebase_summary',
        weight: 0.12,
        value: textCredit(output.codebase_summary, 50),
        note: 'codebase_summary of more than 50 characters',
      },
      {
        name: 'project_type',
        weight: 0.08,
        value: output.project_type.trim().length > 5 ? 1 : 0,
        note: 'project_type of more than 5 characters',
      },
      {
        name: 'tech_stack',
        weight: 0.1,
        value: byCount(output.tech_stack, 0, 0.5, 1),
        note: 'at least 2 entries in tech_stack',
      },
      {
        name: 'structure',
        weight: 0.1,
        value: byCount(Object.keys(output.structure), 0, 0.5, 1),
        note: 'at least 2 areas in structure',
      },
      {
        name: 'key_files',
        weight: 0.15,
        value: keyFileCredit(output),
        note: 'at least 3 key_files with path and purpose',
      },
      {
        name: 'conventions',
        weight: 0.1,
        value: partsGiven(conventions.naming, conventions.testing, conventions.patterns),
        note: 'conventions: naming, testing, patterns',
      },
      questionCriterion(output),
      {
        name: 'feature_summary',
        weight: 0.12,
        value: partsGiven(summary.name, summary.problem_statement, summary.scope_in, summary.scope_out),
        note: 'feature_summary: name, problem_statement, scope_in, scope_out',
      },
      {
        name: 'relevant_patterns',
        weight: 0.04,
        value: listCredit(output.relevant_patterns),
        note: 'relevant_patterns as a list',
      },
      {
        name: 'related_to_feature',
        weight: 0.04,
        value: listCredit(output.related_to_feature),
        note: 'related_to_feature as a list',
      },
    ];
  },
  vetoes: () => [],
};

function keyFileCredit({ key_files: files }: ExploreOutput): number {
  const complete = files.filter((file) => given(file.path) && given(file.purpose)).length;
  return files.length < 3 ? 0 : Math.min(1, complete / 3);
}

function questionCriterion({ discovery_questions: groups }: ExploreOutput): ScoredCriterion {
  const asked = new Set(groups.filter((group) => given(group.questions)).map((group) => plainCategory(group.category)));
  const missing = questionCategories.filter((category) => !asked.has(plainCategory(category)));
  const covered = (questionCategories.length - missing.length) / questionCategories.length;
  const value = groups.length >= 3 ? covered : groups.length > 0 ? 0.5 : 0;
  const note = 'discovery_questions in all 5 categories';
  return {
    name: 'discovery_questions',
    weight: 0.15,
    value,
    note: missing.length ? `${note} (missing: ${missing.join('; ')})` : note,
  };
}

function plainCategory(category: string): string {
  return category.trim().toLowerCase().replace(/ and /g, ' & ');
}
