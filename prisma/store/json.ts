import { z } from 'zod';
import type { ReviewOutcome, ToolOutcome } from '#workflows/contracts/run.ts';
import type { RunLimits } from '#workflows/domain/agent/run.ts';
import type { ContextFields } from '#workflows/domain/agent/context-block.ts';
import type * as rows from '../generated/client.ts';

/**
 * The types of the Json columns, and the only place that reads them. Rows are written through the same types, so a
 * reader checks only the outer shape: rows of an older version must stay readable.
 */
const record = <T extends object>() =>
  z.custom<T>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object');
const list = <T>() => z.custom<T[]>((value) => Array.isArray(value), 'must be a list');

/** The settings of a project, as the REST interface accepts them. */
export interface ProjectSettings {
  /** Commands that prepare a checkout. `checks`: commands that check it. Absent: derived from the project's files. */
  setup?: string[];
  checks?: string[];
  network?: 'none' | 'setup' | 'full';
  limits?: Partial<Pick<RunLimits, 'max_turns' | 'max_usd' | 'max_seconds' | 'iteration_turns' | 'max_iterations'>>;
  /** `none`: tasks are not reviewed by a validator. */
  validation?: string;
  merge_method?: 'merge' | 'squash';
  /** The lowest score that passes a gate. It counts only where it is above the platform's. */
  gate_threshold?: number;
  /** Roles that may decide at a gate. */
  gate_approvers?: string[];
}

const projectJson = { settings: record<ProjectSettings>() };

/** The purpose of a run, besides its limits. */
export interface RunSettings {
  /** Of a phase's run: counts how often the phase was started from its beginning. */
  chain?: number;
  /** Of a phase's run: counts the runs of its chain. */
  session?: number;
  /** Of a phase's run: the last attempt that its chain may use. */
  last_attempt?: number;
  /** Network access of the agent's own commands; absent: none. */
  network?: 'none' | 'full';
  /** Of a validation's run: 1 for the first review of the task. */
  round?: number;
}

/** The proof that a run needs before it counts as done, and the context that the model gets. */
export interface RunTerms {
  criteria: { id: string; text: string; check?: string }[];
  changes_expected: boolean;
  context: ContextFields;
}

/** The result of a run. The fields of a review are stored as submitted. */
export interface RunOutcome extends Partial<Omit<ReviewOutcome, 'evidence'>> {
  summary?: string;
  evidence?: unknown[];
  /** Tree and commit of the accepted work. */
  tree?: string;
  sha?: string;
  check?: { command: string; exit_code: number; output: string } | null;
}

export interface TodoItem {
  text: string;
  status: string;
}

const runJson = {
  limits: record<RunLimits>(),
  settings: record<RunSettings>(),
  terms: record<RunTerms>(),
  outcome: record<RunOutcome>().nullable(),
  todo: list<TodoItem>(),
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

/** A typed value for Prisma, whose input type requires an index signature that an interface does not have. */
export const asJson = (value: object) => value as rows.Prisma.InputJsonObject;

type JsonColumns = Record<string, z.ZodType>;
/** A row as the store returns it, with typed Json columns. */
type Typed<Row, Columns extends JsonColumns> = Omit<Row, keyof Columns> & {
  [K in keyof Columns]: z.output<Columns[K]>;
};

function typed<Row extends object, Columns extends JsonColumns>(columns: Columns) {
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

export type Run = Typed<rows.Run, typeof runJson>;
export const runRow = typed<rows.Run, typeof runJson>(runJson);

export type ToolCall = Typed<rows.ToolCall, typeof toolCallJson>;
export const toolCallRow = typed<rows.ToolCall, typeof toolCallJson>(toolCallJson);
