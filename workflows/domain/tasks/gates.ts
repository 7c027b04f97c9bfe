import { matchingGlob } from '../path-globs.ts';
import type { BoardPhase, ExpectedOutput } from './board-phases.ts';
import { factsOf, judge, parseRule, type Facts, type Verdict } from './gate-rules.ts';

/** Something that a phase has brought: given by a person or agent, or the result of a task. */
export interface GateArtifact {
  artifact_type: string;
  artifact_path: string | null;
  artifact_content: unknown;
  submitted_by: string;
}

interface GateTask {
  title?: string;
  /** Of its accepted work. */
  summary?: string;
  key: string;
  status: string;
  /** The project's check on its accepted work; null: none ran. */
  check: { command: string; exit_code: number; unverified?: boolean } | null;
}

/** Where a ticket is: the artifacts of its phase, oldest first, and the tasks of its phase. */
export interface GateInput {
  artifacts: readonly GateArtifact[];
  tasks: readonly GateTask[];
}

export interface GateItem {
  kind: 'tasks' | 'output' | 'done';
  text: string;
  required: boolean;
  verdict: Verdict;
  /** What was found, or what is missing. */
  evidence: string;
  /** Who showed it; null: nobody. */
  source: string | null;
  blocks: boolean;
}

export interface GateVerdict {
  gate_status: 'none' | 'passed' | 'failed';
  blocking_reasons: string[];
  checklist: GateItem[];
}

/** What was decided at a gate, as it is stored with the move that follows. */
export interface GateDecision extends GateVerdict {
  id: string;
  phase_id: string;
  decision: 'judged' | 'approved' | 'overridden';
  reason: string | null;
  decided_by: string;
}

/** The type of an artifact that confirms a done definition without a rule: its content is `{confirms: TEXT}`. */
const confirmation = 'confirmation';

const platform = 'platform';

/** What the platform measured itself. It stands above what anyone says. */
function measured({ tasks }: GateInput): Facts {
  const checks = tasks.flatMap(({ check }) => (check && !check.unverified ? [check] : []));
  return {
    tasks: tasks.length,
    ...(checks.length > 0 ? { all_passed: checks.every(({ exit_code: code }) => code === 0) } : {}),
  };
}

const tasksItem = ({ tasks }: GateInput): GateItem => {
  const open = tasks.filter(({ status }) => status !== 'completed' && status !== 'cancelled');
  const done = tasks.filter(({ status }) => status === 'completed').length;
  const met = done > 0 && open.length === 0;
  const evidence =
    open.length > 0
      ? `these are not completed: ${open.map(({ key, status }) => `${key} (${status})`).join(', ')}`
      : done > 0
        ? `${done} completed`
        : 'the phase has no completed task';
  return {
    ...{ kind: 'tasks', text: 'At least one task, and all of them completed', required: true, evidence },
    ...{ verdict: met ? 'met' : 'failed', source: platform, blocks: !met },
  };
};

/** Judges a rule. The worst condition decides: failed before unverified before met. */
function judgeRule(rule: string, facts: Facts): { verdict: Verdict; evidence: string } {
  const found = (parseRule(rule) ?? []).map((one) => judge(one, facts));
  const verdict = (['failed', 'unverified'] as const).find((bad) => found.some((one) => one.verdict === bad)) ?? 'met';
  return { verdict, evidence: found.map(({ words }) => words).join('; ') };
}

const wordsOf = ({ type, pattern, validation_rule: rule }: ExpectedOutput) =>
  `${type}${pattern ? ` at ${pattern}` : ''}${rule ? `: ${rule}` : ''}`;

function outputItem(output: ExpectedOutput, input: GateInput): GateItem {
  const { type, pattern, required, validation_rule: rule } = output;
  const newest = input.artifacts.findLast(
    (one) => one.artifact_type === type && (!pattern || matchingGlob(one.artifact_path ?? '', [pattern]) !== undefined),
  );
  const found = newest
    ? judgeRule(rule ?? 'length >= 0', { ...factsOf(newest.artifact_content), ...measured(input) })
    : { verdict: 'unverified' as const, evidence: 'it is missing' };
  // What is shown to be false closes the gate, whether it had to be shown or not.
  const blocks = found.verdict === 'failed' || (required && found.verdict === 'unverified');
  return { kind: 'output', text: wordsOf(output), required, ...found, source: newest?.submitted_by ?? null, blocks };
}

function doneItems(phase: BoardPhase, input: GateInput): GateItem[] {
  const facts = {
    ...Object.assign({}, ...input.artifacts.map((one) => factsOf(one.artifact_content))),
    ...measured(input),
  };
  return phase.done_definitions.map(({ text, rule, required }) => {
    const confirmed = input.artifacts.findLast(
      ({ artifact_type: type, artifact_content: content }) =>
        type === confirmation && (content as { confirms?: unknown } | null)?.confirms === text,
    );
    const found = rule
      ? judgeRule(rule, facts as Facts)
      : confirmed
        ? { verdict: 'met' as const, evidence: 'confirmed' }
        : { verdict: 'unverified' as const, evidence: 'nobody has confirmed it' };
    const blocks = found.verdict === 'failed' || (required && found.verdict === 'unverified');
    return { kind: 'done', text, required, ...found, source: confirmed?.submitted_by ?? null, blocks };
  });
}

/** Judges the gate of a phase by content (PLAN-26). A phase without outputs and definitions that seeds nothing has none. */
export function judgeGate(phase: BoardPhase, input: GateInput): GateVerdict {
  const { done_definitions: done, expected_outputs: outputs, seed } = phase;
  if (done.length === 0 && outputs.length === 0 && seed === null)
    return { gate_status: 'none', blocking_reasons: [], checklist: [] };
  const checklist = [
    ...(seed === null ? [] : [tasksItem(input)]),
    ...outputs.map((output) => outputItem(output, input)),
    ...doneItems(phase, input),
  ];
  const blocking_reasons = checklist.flatMap(({ blocks, text, evidence }) => (blocks ? [`${text}: ${evidence}.`] : []));
  return { gate_status: blocking_reasons.length > 0 ? 'failed' : 'passed', blocking_reasons, checklist };
}
