import type { TestResult } from '#workflows/domain/survey/test-result.ts';
import type { CommandLine } from './command-line.ts';

/** The facts about a root that a reader decides by. */
export interface RootFacts {
  /** Text of a file of the root; undefined when it does not exist. */
  file(name: string): string | undefined;
}

/** How a command is run so that its tests can be read. */
export interface InstrumentedCommand {
  command: string;
  env: Record<string, string>;
  /** Files that it writes: an absolute path, or a path below the root that begins with two asterisks and a slash. */
  reports: string[];
}

/** The text by path of the files that the command wrote, and its output: both streams. */
export interface Reports {
  output: string;
  files: ReadonlyMap<string, string>;
}

/** What a report says. */
export interface TestReport {
  tests: TestResult[];
  /** Why tests may be missing: the runner ended before it finished its report. */
  incomplete?: string;
}

/** Understands the report of one test runner. */
export interface ReportReader {
  name: string;
  /**
   * @param reportFile absolute path of a file that the command may write.
   * @returns undefined when the command does not run this reader's test runner.
   */
  instrument(command: CommandLine, reportFile: string): InstrumentedCommand | undefined;
  /** @returns undefined when there is no report: the command ended before it ran a test. */
  read(reports: Reports): TestReport | undefined;
  /** The output as people read it, where the instrumented command prints it for programs. */
  text?(reports: Reports): string;
  /** The command that runs these tests, and as few others as the runner lets; undefined when it cannot. */
  only?(command: CommandLine, ids: string[]): string | undefined;
}
