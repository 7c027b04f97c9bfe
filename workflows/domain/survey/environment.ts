import { z } from 'zod';

/**
 * What a survey knows about a repository: where it can be set up and checked, by which commands, and what these did at
 * the base commit. First it is found in the repository's files, then it is tried.
 */

/** The place in the repository that names a command or a version. Lines count from 1. */
const sourceSchema = z.object({ file: z.string(), line: z.int().positive() });
type Source = z.infer<typeof sourceSchema>;

const checkPurposes = ['test', 'lint', 'types', 'build'] as const;
export type CheckPurpose = (typeof checkPurposes)[number];

/** Something that keeps a root from being set up or checked, and what a person can do about it. */
const missingSchema = z.object({ what: z.string(), remedy: z.string() });
export type Missing = z.infer<typeof missingSchema>;

export interface FoundCommand {
  command: string;
  source: Source;
}

export interface FoundCheck extends FoundCommand {
  purpose: CheckPurpose;
}

/** A program that a root needs. `version` is the range as its file writes it; null: any version. */
const wantedToolSchema = z.object({ tool: z.string(), version: z.string().nullable(), source: sourceSchema });
export type WantedTool = z.infer<typeof wantedToolSchema>;

/** A folder that is set up and checked by itself: the repository, or a part of it that no workspace includes. */
export interface FoundRoot {
  /** Relative to the repository; '' is the repository itself. Its commands run in this folder. */
  path: string;
  /** Name of the ecosystem and its client: npm, pnpm, uv, go, cargo, maven, make and so on. */
  kind: string;
  setup: FoundCommand[];
  /** The first one is the check that every task waits for: tests where there are any. */
  checks: FoundCheck[];
  tools: WantedTool[];
  /** What its files alone show to be missing: no tests, no lock file. */
  missing: Missing[];
}

export interface FoundEnvironment {
  roots: FoundRoot[];
  /** Commands of instruction and CI files that are shown to people and never run. */
  shown: FoundCommand[];
  /** Paths of all files that were read, or would have been if they existed: a change of one asks for a new survey. */
  read: string[];
}

const checkStates = ['passed', 'failed', 'broken', 'too_long', 'not_run'] as const;

const setupStepSchema = z.object({
  command: z.string(),
  source: sourceSchema.nullable(),
  /** null: ended at its time limit, or not run. */
  exit_code: z.int().nullable(),
  duration_ms: z.number().nonnegative().nullable(),
  /** The end of the output. */
  log: z.string(),
});

const surveyedCheckSchema = z.object({
  command: z.string(),
  purpose: z.enum(checkPurposes),
  /** null: it comes from the project's settings. */
  source: sourceSchema.nullable(),
  /** broken: it ended before it ran a test, or it could not start. */
  state: z.enum(checkStates),
  /** null: it did not run to its end. */
  passed: z.boolean().nullable(),
  exit_code: z.int().nullable(),
  duration_ms: z.number().nonnegative().nullable(),
  /** Name of the reader that understood its report; null: the check counts as one test. */
  reader: z.string().nullable(),
  /** Number of tests that ran; null where no report could be read. */
  tests: z.int().nonnegative().nullable(),
  /** Ids of tests: file and full name. */
  failing_tests: z.array(z.string()),
  flaky_tests: z.array(z.string()),
  log: z.string(),
});
export type SurveyedCheck = z.infer<typeof surveyedCheckSchema>;
export type SetupStep = z.infer<typeof setupStepSchema>;

export const surveyedRootSchema = z.object({
  path: z.string(),
  kind: z.string(),
  setup: z.array(z.string()),
  setup_steps: z.array(setupStepSchema),
  checks: z.array(surveyedCheckSchema),
  tools: z.array(wantedToolSchema.extend({ found: z.string().nullable() })),
  missing: z.array(missingSchema),
});
export type SurveyedRoot = z.infer<typeof surveyedRootSchema>;

export const surveyStates = ['surveying', 'ready', 'partly', 'failed'] as const;
export type SurveyState = (typeof surveyStates)[number];
