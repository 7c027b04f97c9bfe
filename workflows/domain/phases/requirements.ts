import { z } from 'zod';
import { hasTrigger, keywordOf } from '../requirements/ears.ts';
import { lintRequirement } from '../requirements/lint.ts';
import type { EarsWords } from '../requirements/words.ts';
import { duplicates, idPatterns, requirementCategories } from '../requirements/ids.ts';
import { findCycle } from '../tasks/graph.ts';
import { criteria, id, ids, label, notes, openQuestion, section, text, withCriteriaIds } from './fields.ts';
import { chapterList, criteriaList, line } from './markdown-blocks.ts';
import type { ScoredCriterion, PhaseDefinition, Veto } from './phase.ts';
import { phasePrompt } from './prompt.ts';
import { everyItem, given, noneMet } from './scoring.ts';

const requirement = z.strictObject({
  id,
  title: text,
  type: text,
  category: text,
  priority: label,
  text,
  acceptance_criteria: criteria,
  dependencies: ids,
  notes: text,
});

const schema = z.strictObject({
  feature_name: text,
  requirements: z.array(requirement.transform(withCriteriaIds)).default([]),
  assumptions: notes,
  out_of_scope: notes,
  open_questions: z.array(openQuestion).default([]),
  traceability: section({ prd_sections: notes, design_components: notes }),
});

export type RequirementsOutput = z.output<typeof schema>;
export type Requirement = RequirementsOutput['requirements'][number];

const task = `Write the requirements of the feature in EARS, one requirement a sentence:

- THE SYSTEM SHALL <action> (always)
- WHEN <event>, THE SYSTEM SHALL <action>
- WHILE <state>, THE SYSTEM SHALL <action>
- IF <unwanted condition>, THEN THE SYSTEM SHALL <action>
- WHILE <state>, WHEN <event>, THE SYSTEM SHALL <action>
- WHERE <feature is present>, THE SYSTEM SHALL <action>

Keywords are SHALL, MUST, SHOULD, MAY and their NOT. Avoid "will be", "is going to", "etc", "and so on".
Prefer a form with a trigger: it says when the requirement applies.

Each requirement has an id REQ-FEATURE-CATEGORY-NNN with a category of ${requirementCategories.join(', ')}, a title of 3 to 6 words, type, category, priority, and at least 2 acceptance criteria. A criterion is {text, check}: check is a command of this repository that proves it, wherever one can. dependencies hold ids of other requirements.
Cover every user story, errors included. Say what is assumed, what is out of scope, and in traceability which parts of the PRD they come from. An open question changes the requirements when it is answered; it has the assumption that holds while nobody does.`;

const brief = `One EARS sentence each: WHEN <event>, WHILE <state>, IF <unwanted condition>, or WHERE <feature is present>, then THE SYSTEM SHALL <action>. id REQ-FEATURE-CATEGORY-NNN with a category of ${requirementCategories.join(', ')}, title, type, category, priority, and at least 2 acceptance_criteria {text, check}: check is a command of this repository. Also assumptions, out_of_scope and traceability.prd_sections.`;

export const requirements: PhaseDefinition<'requirements', RequirementsOutput> = {
  id: 'requirements',
  schema,
  inputs: ['explore', 'prd'],
  instructions: (request) => phasePrompt(requirements, request, task),
  brief,
  score: (output, _prior, { words } = {}) => {
    const items = output.requirements;
    const list: ScoredCriterion[] = [
      { name: 'feature_name', weight: 0.05, value: given(output.feature_name) ? 1 : 0.5, note: 'feature_name' },
      everyItem(
        'structure',
        0.2,
        items,
        (item) => [item.type, item.text, item.priority].every(given),
        'requirements with id, type, text, priority',
      ),
      everyItem(
        'normative',
        0.2,
        items,
        (item) => keywordOf(item.text, words) !== undefined,
        'a keyword (SHALL, MUST, SHOULD, MAY) in each text',
      ),
      earsCriterion(items, words),
      everyItem(
        'acceptance',
        0.2,
        items,
        (item) => item.acceptance_criteria.length >= 2,
        'at least 2 acceptance criteria for each',
      ),
      everyItem(
        'ids',
        0.05,
        items,
        (item) => idPatterns.requirement.test(item.id),
        'ids of the form REQ-FEATURE-CATEGORY-001',
      ),
      { name: 'assumptions', weight: 0.05, value: given(output.assumptions) ? 1 : 0.5, note: 'assumptions' },
      { name: 'out_of_scope', weight: 0.05, value: given(output.out_of_scope) ? 1 : 0.5, note: 'out_of_scope' },
      {
        name: 'traceability',
        weight: 0.05,
        value: Object.values(output.traceability).some(given) ? 1 : 0.5,
        note: 'traceability to sections of the PRD or components',
      },
    ];
    return items.length > 0 ? list : noneMet(list);
  },
  vetoes: ({ requirements: items }, _prior, { words } = {}) => [
    ...duplicateVetoes(items),
    ...keywordVetoes(items, words),
    ...dependencyVetoes(items),
  ],
  chapter: requirementsChapter,
};

/**
 * Full credit for trigger and keyword, half for a keyword alone. Vague wording costs nothing but is named in the note.
 */
function earsCriterion(items: readonly Requirement[], words?: EarsWords): ScoredCriterion {
  const full = everyItem(
    'ears',
    0.15,
    items,
    (item) => keywordOf(item.text, words) !== undefined && hasTrigger(item.text, words),
    'WHEN, WHILE, IF or WHERE with a keyword',
  );
  const credits = items.map(({ text: sentence }) =>
    keywordOf(sentence, words) ? (hasTrigger(sentence, words) ? 1 : 0.5) : 0,
  );
  const warnings = items
    .flatMap((item) =>
      lintRequirement(item.text, words)
        .filter((finding) => finding.severity === 'warning')
        .map((finding) => `${item.id} ${finding.message}`),
    )
    .slice(0, 5);
  const value = items.length ? credits.reduce<number>((sum, credit) => sum + credit, 0) / items.length : 0;
  return { ...full, value, note: [full.note, ...warnings].join('; ') };
}

function duplicateVetoes(items: readonly Requirement[]): Veto[] {
  return duplicates(items.map((item) => item.id)).map((twice) => ({
    code: 'duplicate_id',
    message: `The id ${twice} occurs more than once.`,
    ids: [twice],
  }));
}

function keywordVetoes(items: readonly Requirement[], words?: EarsWords): Veto[] {
  return items.flatMap((item) =>
    lintRequirement(item.text, words)
      .filter((finding) => finding.severity === 'error')
      .map((finding): Veto => ({ code: 'no_keyword', message: `${item.id} ${finding.message}.`, ids: [item.id] })),
  );
}

function dependencyVetoes(items: readonly Requirement[]): Veto[] {
  const known = new Set(items.map((item) => item.id));
  const unknown = items.flatMap((item) =>
    item.dependencies
      .filter((other) => !known.has(other))
      .map((other): Veto => ({
        code: 'unknown_dependency',
        message: `${item.id} depends on ${other}, which does not exist.`,
        ids: [item.id, other],
      })),
  );
  const cycle = findCycle(Object.fromEntries(items.map((item) => [item.id, item.dependencies])));
  return cycle
    ? [
        ...unknown,
        {
          code: 'cycle',
          message: `The requirements depend on each other: ${cycle.join(' -> ')}.`,
          ids: [...new Set(cycle)],
        },
      ]
    : unknown;
}

function requirementsChapter({ requirements, assumptions, out_of_scope: outOfScope }: RequirementsOutput): string[] {
  return [
    '## Requirements',
    ...requirements.flatMap((item) => [
      `### ${item.id}${item.title ? `: ${line(item.title)}` : ''}`,
      [item.type, item.category, item.priority].filter(Boolean).join(', '),
      item.text,
      criteriaList(item.acceptance_criteria),
    ]),
    ...chapterList('### Assumed', assumptions),
    ...chapterList('### Not demanded', outOfScope),
  ];
}
