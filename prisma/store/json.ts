import { z } from 'zod';
import type { ReviewOutcome, ToolOutcome } from '#workflows/contracts/run.ts';
import type { SpecInput } from '#workflows/contracts/spec.ts';
import type { StretchResult } from '#workflows/contracts/stretch.ts';
import type { StoredLoop as LoopOf } from '#workflows/domain/agent/stretch.ts';
import type { RunLimits } from '#workflows/domain/agent/run.ts';
import { nightSchema } from '#workflows/domain/agent/night-terms.ts';
import type { EvidenceItem } from '#workflows/domain/agent/completion.ts';
import type { ContextFields } from '#workflows/domain/agent/context-block.ts';
import type { Criterion } from '#workflows/domain/agent/opening.ts';
import type { CriterionVerdict, Verdict } from '#workflows/domain/requirements/verdict.ts';
import type { GatePolicy } from '#workflows/domain/phases/gate-policy.ts';
import type { Answer } from '#workflows/domain/phases/open-questions.ts';
import type { PhaseId } from '#workflows/domain/phases/names.ts';
import type { ScoredCriterion, Veto } from '#workflows/domain/phases/phase.ts';
import { surveyedRootSchema, surveyStates, type FoundCommand } from '#workflows/domain/survey/environment.ts';
import type { Analysis } from '#workflows/domain/tasks/analysis.ts';
import type { BoardPhase } from '#workflows/domain/tasks/board-phases.ts';
import type { GateItem } from '#workflows/domain/tasks/gates.ts';
import type * as rows from '../generated/client.ts';
import type { ProjectSettings } from './project-settings.ts';

/**
 * The types of the Json columns; those of what is learned are in memory-rows.ts. No other file reads them. Rows are written through the same types, so a
 * reader checks only the outer shape: rows of an older version must stay readable.
 */
export const record = <T extends object>() =>
  z.custom<T>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object');
export const list = <T>() => z.custom<T[]>((value) => Array.isArray(value), 'must be a list');

const projectJson = { settings: record<ProjectSettings>() };

/** By check, as `path: command`: ids of the tests that ran at the base, failed ones included. */
export type SurveyedTests = Record<string, string[]>;

const surveyJson = {
  state: z.enum(surveyStates),
  roots: z.array(surveyedRootSchema),
  shown: list<FoundCommand>(),
  tests: record<SurveyedTests>(),
};

/** The purpose of a run, besides its limits. */
export interface RunSettings {
  /** Of a phase's run: counts how often the phase was started from its beginning. */
  chain?: number;
  /** Of a phase's run: counts the runs of its chain. */
  session?: number;
  /** Of a phase's run: the last attempt that its chain may use. */
  last_attempt?: number;
  /** What carries the run on; absent: the platform's own loop. */
  runner?: 'claude-agent-sdk' | 'elsewhere';
  /** Network access of the agent's own commands; absent: none. */
  network?: 'none' | 'registries' | 'full';
  /** Of a validation's run: 1 for the first review of the task. */
  round?: number;
  /** Commit from which the project's instructions are read; absent: the commit on which the run started. */
  instructions_sha?: string;
  /** Files, folders and globs that the launch forbids to change. */
  forbidden_paths?: string[];
  /** Files of tasks at work beside this one are refused; absent: the agent is warned. */
  ownership?: 'strict';
  /** Work counts as done only when all of it is committed on the run's branch. */
  require_clean_git?: true;
  /** The agent may write to other registered agents. */
  collaborates?: true;
  /** The run whose conversation this one continues, and the number of turns that it has from there. */
  continues?: { run_id: string; turn: number };
}

/** The proof that a run needs before it counts as done, and the context that the model gets. */
export interface RunTerms {
  criteria: { id: string; text: string; check?: string }[];
  changes_expected: boolean;
  context: ContextFields;
}

type ReviewEvidence = ReviewOutcome['evidence'][number];

/** The result of a run. The fields of a review are stored as submitted. */
export interface RunOutcome extends Partial<Omit<ReviewOutcome, 'evidence'>> {
  summary?: string;
  evidence?: (EvidenceItem | ReviewEvidence)[];
  /** Why the work removes tests. */
  removed_tests?: string;
  /** Tree and commit of the accepted work. */
  tree?: string;
  sha?: string;
  /** `unverified`: it fails at the base too, so it shows nothing. `note`: failures that were there before. */
  check?: { command: string; exit_code: number; output: string; unverified?: boolean; note?: string } | null;
  /** Of a fork of a planning run: its draft, and its complete result. The phase keeps its own. */
  draft?: PhaseFields;
  submission?: PhaseFields;
  /** Of a compact plan: how the sections of an attempt were judged. A repeated step takes the same decision. */
  judged?: { attempt: number; sections: JudgedSection[] };
}

export interface JudgedSection {
  phase: PhaseId;
  /** Number of the attempt at the phase. */
  attempt: number;
  /** waiting: it would pass, but an earlier section did not. */
  result: 'passed' | 'failed' | 'waiting';
  verdict: Evaluation | { error: string } | null;
}

/** The verdict on a submission, as its attempt stores it. */
export interface Evaluation {
  score: number;
  criteria: ScoredCriterion[];
  vetoes: Veto[];
  judge: object | null;
  passed: boolean;
  feedback: string;
}

export interface TodoItem {
  text: string;
  status: string;
}

/** The loop's state of a run, with what its newest stretch returned. */
export type StoredLoop = LoopOf<StretchResult>;

const runJson = {
  limits: record<RunLimits>(),
  settings: record<RunSettings>(),
  terms: record<RunTerms>(),
  outcome: record<RunOutcome>().nullable(),
  todo: list<TodoItem>(),
  loop: record<StoredLoop>().nullable(),
};

/** Stored before a file is replaced, so that a retry finds out whether the edit happened. */
export interface EditPlan {
  path: string;
  /** SHA-256 before, or null for a new file. */
  before: string | null;
  after: string;
  /** The reply to give when a retry finds the edit done. */
  reply: string;
}

/** How a call saw or left a file. */
export interface CallView {
  /** Relative to the workspace, normalised. */
  path: string;
  /** SHA-256 of the file's bytes, hex. */
  hash: string;
  /** Lines seen, from 1; absent when the model wrote the file and so knows all of it. */
  from_line?: number;
  to_line?: number;
}

const toolCallJson = {
  edit_plan: record<EditPlan>().nullable(),
  view: record<CallView>().nullable(),
  outcome: record<ToolOutcome>().nullable(),
};

// The plan is stored with the spec, since a later version may have other phases.
const specJson = {
  gate_policy: record<GatePolicy>(),
  plan: record<SpecInput['plan']>(),
  answers: list<Answer>(),
  night: nightSchema.nullable(),
};

/** The verdict of a person at a gate, or of its time limit. */
export interface GateDecision {
  action: 'approved' | 'changes_requested' | 'regenerated' | 'rejected' | 'expired';
  by: string;
  /** ISO time. */
  at: string;
  feedback: string | null;
}

/** The fields of a phase's output. The phase's schema decides which ones a complete output has. */
export type PhaseFields = Record<string, unknown>;

const phaseAttemptJson = {
  draft: record<PhaseFields>().nullable(),
  output: record<PhaseFields>().nullable(),
  criteria: list<ScoredCriterion>().nullable(),
  vetoes: list<Veto>().nullable(),
  judge: record<object>().nullable(),
  decision: record<GateDecision>().nullable(),
};

/** The analysis of a task, and whether the plan, a model or the fallback made it. */
export type TaskAnalysis = Analysis & { source: string };

/** The accepted work of a task's newest attempt. A task that is not finished keeps the result of an earlier attempt. */
export interface TaskResult {
  summary?: string;
  evidence?: RunOutcome['evidence'];
  check?: RunOutcome['check'];
  artifacts?: TaskArtifacts;
  removed_tests?: string;
  run_id?: string;
  /** Of a task that a discovery created. */
  triggered_by_discovery?: string;
}

/** What the work of a task has changed, and what was measured of it. */
export interface TaskArtifacts {
  code_changes: { files_changed: number; insertions: number; deletions: number; test_files: number };
  /** In percent of the lines. What nothing has measured is unverified. */
  test_coverage:
    { state: 'measured'; percent: number; command: string } | { state: 'unverified'; percent: null; reason: string };
}

/**
 * `force_execute`: starts even when the project's agents do not start by themselves. `left_out`: starts when a person
 * asks for it. Callers may store other keys.
 */
export interface ExecutionConfig {
  force_execute?: unknown;
  left_out?: unknown;
  [key: string]: unknown;
}

const taskJson = {
  criteria: list<Criterion>(),
  analysis: record<TaskAnalysis>().nullable(),
  execution_config: record<ExecutionConfig>(),
  result: record<TaskResult>().nullable(),
};

const criterionJson = { verdict: record<Verdict>().nullable() };
const reviewJson = {
  evidence: list<ReviewEvidence>(),
  recommendations: list<string>(),
  criteria: list<CriterionVerdict>(),
};
const questionJson = { options: list<string>() };

/** A project's check that ran on the head of a pull request. */
export interface PullRequestCheck {
  name: string;
  passed: boolean;
  exit_code: number | null;
  sha: string;
  /** Its verdict is not clear: it fails at the base too. */
  unverified?: boolean;
  /** Failures that were there before, and flaky tests. */
  note?: string;
}

/** A review comment. `request`, `ticket_id` and `task_id`: the request that sent it back to work, and its work. */
export interface PullRequestComment {
  body: string;
  path?: string;
  line?: number;
  author?: string;
  /** ISO time. */
  at?: string;
  request?: string;
  ticket_id?: string;
  task_id?: string;
  /** Its id at the code host, where it was written there. */
  host_id?: string;
  verdict?: 'changes_requested' | 'approved' | 'commented';
  /** The newest commit that its author saw, where it was written here. */
  head_sha?: string;
  /** Why it asks for changes and did not become work. */
  note?: string;
  /** Its author was answered at the code host. */
  answered?: boolean;
}

/** A check that runs at the code host for a commit of a pull request. */
export interface PullRequestHostCheck {
  name: string;
  state: 'passed' | 'failed' | 'pending';
  url: string | null;
  sha: string;
}

/** What the platform keeps true at the code host. */
export interface PullRequestHostState {
  /** It is a draft while work on it goes on. `wanted`: before the code host did it; `refused`: it has no drafts. */
  draft?: { state: 'wanted' | 'held' | 'refused'; note: string };
  /** A merge that the code host carries out once its rules allow it; `ended`: why it does not any more. */
  merge?: { by: string; head_sha: string; since: string; waits_for: string; ended?: string };
}

const pullRequestJson = {
  host_state: record<PullRequestHostState>(),
  checks: list<PullRequestCheck>(),
  host_checks: list<PullRequestHostCheck>(),
  comments: list<PullRequestComment>(),
};

/** `small_model`: the model for titles, analyses and judgements. */
export interface ModelKeyConfig {
  small_model?: string;
}

const modelKeyJson = { config: record<ModelKeyConfig>() };

const boardPhaseJson = { definition: record<Omit<BoardPhase, 'id'>>() };
const gateResultJson = { checklist: list<GateItem>() };

/** A typed value for Prisma, whose input type requires an index signature that an interface does not have. */
export const asJson = (value: object) => value as rows.Prisma.InputJsonObject;
/** The same for a nullable column that a change may leave out. */
export const asJsonIfGiven = (value: object | undefined) => (value === undefined ? undefined : asJson(value));

type JsonColumns = Record<string, z.ZodType>;
/** A row as the store returns it, with typed Json columns. */
export type Typed<Row, Columns extends JsonColumns> = Omit<Row, keyof Columns> & {
  [K in keyof Columns]: z.output<Columns[K]>;
};

export function typed<Row extends object, Columns extends JsonColumns>(columns: Columns) {
  const names = Object.keys(columns);
  const schema = z.looseObject(columns);
  return (row: Row): Typed<Row, Columns> => {
    const checked = schema.safeParse(row);
    if (!checked.success) throw new Error(`A stored row has a Json column (${names.join(', ')}) that cannot be read.`);
    // The schema checked the Json columns and leaves all other columns unchanged.
    return row as unknown as Typed<Row, Columns>;
  };
}

export type Project = Typed<rows.Project, typeof projectJson>;
export const projectRow = typed<rows.Project, typeof projectJson>(projectJson);

export type Survey = Typed<rows.ProjectSurvey, typeof surveyJson>;
export const surveyRow = typed<rows.ProjectSurvey, typeof surveyJson>(surveyJson);
/** Without the ids of the tests, of which there may be thousands. */
export type SurveyView = Omit<Survey, 'tests'>;
const { tests: _tests, ...shownSurveyJson } = surveyJson;
export const surveyViewRow = typed<Omit<rows.ProjectSurvey, 'tests'>, typeof shownSurveyJson>(shownSurveyJson);

export type Run = Typed<rows.Run, typeof runJson>;
export const runRow = typed<rows.Run, typeof runJson>(runJson);
/** Columns of a run that only its own turns read: up to tens of kilobytes each. */
export const runTexts = { opening: true, pending_opening: true, system_prompt: true, tools: true, loop: true } as const;
export type ListedRun = Omit<Run, keyof typeof runTexts>;
const { loop: _loop, ...listedRunJson } = runJson;
export const listedRunRow = typed<Omit<rows.Run, keyof typeof runTexts>, typeof listedRunJson>(listedRunJson);

export type ToolCall = Typed<rows.ToolCall, typeof toolCallJson>;
export const toolCallRow = typed<rows.ToolCall, typeof toolCallJson>(toolCallJson);

export type Spec = Typed<rows.Spec, typeof specJson>;
export const specRow = typed<rows.Spec, typeof specJson>(specJson);

export type PhaseAttempt = Typed<rows.PhaseAttempt, typeof phaseAttemptJson>;
export const phaseAttemptRow = typed<rows.PhaseAttempt, typeof phaseAttemptJson>(phaseAttemptJson);

export type ModelKey = Typed<rows.ModelKey, typeof modelKeyJson> & { credential: rows.Credential };
export const modelKeyRow = typed<rows.ModelKey & { credential: rows.Credential }, typeof modelKeyJson>(modelKeyJson);

export type Task = Typed<rows.Task, typeof taskJson>;
export const taskRow = typed<rows.Task, typeof taskJson>(taskJson);

export const criterionRow = typed<rows.AcceptanceCriterion, typeof criterionJson>(criterionJson);
export type ValidationReview = Typed<rows.ValidationReview, typeof reviewJson>;
export const reviewRow = typed<rows.ValidationReview, typeof reviewJson>(reviewJson);

export const questionRow = typed<rows.Question, typeof questionJson>(questionJson);

export type PullRequest = Typed<rows.PullRequest, typeof pullRequestJson>;
export const pullRequestRow = typed<rows.PullRequest, typeof pullRequestJson>(pullRequestJson);

export const boardPhaseRow = typed<rows.BoardPhase, typeof boardPhaseJson>(boardPhaseJson);

export type GateResult = Typed<rows.GateResult, typeof gateResultJson>;
export const gateResultRow = typed<rows.GateResult, typeof gateResultJson>(gateResultJson);
