import type { TestResult } from '#workflows/domain/survey/test-result.ts';
import { CommandLine } from './command-line.ts';
import { bun } from './readers/bun.ts';
import { cargoTest } from './readers/cargo-test.ts';
import { ctest } from './readers/ctest.ts';
import { dotnet } from './readers/dotnet.ts';
import { goTest } from './readers/go-test.ts';
import { gradle, maven } from './readers/java.ts';
import { jest } from './readers/jest.ts';
import { minitest } from './readers/minitest.ts';
import { mocha } from './readers/mocha.ts';
import { nodeTest } from './readers/node-test.ts';
import { phpunit } from './readers/phpunit.ts';
import { pytest } from './readers/pytest.ts';
import { rspec } from './readers/rspec.ts';
import { tap } from './readers/tap.ts';
import { unittest } from './readers/unittest.ts';
import { vitest } from './readers/vitest.ts';
import type { InstrumentedCommand, ReportReader, Reports, RootFacts } from './reader.ts';
import { parseCommands } from './parse-commands.ts';
import { manifestOf } from './scripts.ts';
import { maxTests, settleTests } from './settle-tests.ts';

/** The first one that instruments a command reads it. */
export const reportReaders: ReportReader[] = [
  jest,
  vitest,
  mocha,
  nodeTest,
  bun,
  pytest,
  unittest,
  goTest,
  cargoTest,
  maven,
  gradle,
  phpunit,
  rspec,
  minitest,
  dotnet,
  ctest,
  tap,
];

const factFiles = [
  'package.json',
  'GNUmakefile',
  'makefile',
  'Makefile',
  'justfile',
  'Justfile',
  '.justfile',
  'Rakefile',
  'composer.json',
  'tox.ini',
  'noxfile.py',
  'pyproject.toml',
  'setup.cfg',
];

/** Files of a root by which a command is understood. */
export function factsOf(command: string): string[] {
  const manifests = parseCommands(command).flatMap(
    ({ words: [program = '', ...args] }) => manifestOf(program, args) ?? [],
  );
  return [...new Set([...factFiles, ...manifests])];
}

/** Runners whose output can be read without a change of the command: in a script that nothing here resolves. */
const printed = [cargoTest, ctest, tap];

export interface Instrumented extends InstrumentedCommand {
  reader: ReportReader | undefined;
}

/** The command as it is run, with a report where the runner can write one. @param reportFile an absolute path. */
export function instrument(command: string, root: RootFacts, reportFile: string): Instrumented {
  const line = new CommandLine(command, root);
  for (const reader of reportReaders) {
    const instrumented = reader.instrument(line, reportFile);
    if (instrumented) return { ...instrumented, reader };
  }
  return { command, env: {}, reports: [], reader: undefined };
}

export interface ReadTests {
  reader: string | null;
  /** undefined: no report can be read. With a reader: the command ended before it ran a test. */
  tests?: TestResult[];
  incomplete?: string;
  /** The output as people read it. */
  output: string;
}

/** @param folder absolute path of the root. */
export function readTests(reader: ReportReader | undefined, reports: Reports, folder: string): ReadTests {
  const candidates = reader ? [reader] : printed;
  for (const each of candidates) {
    const report = each.read(reports);
    if (!report || (!reader && report.tests.length === 0)) continue;
    const tests = settleTests(report.tests, folder);
    const incomplete =
      report.tests.length > maxTests
        ? `Only ${maxTests} of ${report.tests.length} tests were read.`
        : report.incomplete;
    const output = each.text?.(reports) ?? reports.output;
    return { reader: each.name, tests, output, ...(incomplete === undefined ? {} : { incomplete }) };
  }
  return { reader: reader?.name ?? null, output: reader?.text?.(reports) ?? reports.output };
}

/** The command that runs these tests, and as few others as its runner lets; undefined when none can be named. */
export function onlyTests(command: string, root: RootFacts, ids: string[]): string | undefined {
  const line = new CommandLine(command, root);
  const reader = reportReaders.find((each) => each.instrument(line, '/dev/null'));
  return ids.length > 0 ? reader?.only?.(line, ids) : undefined;
}
