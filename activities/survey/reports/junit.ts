import { XMLParser } from 'fast-xml-parser';
import type { TestResult } from '#workflows/domain/survey/test-result.ts';
import type { Reports, TestReport } from './reader.ts';

/** A test of a JUnit report. `suites`: names of the suites around it. */
export interface JunitCase {
  name: string;
  classname: string;
  file: string;
  suites: string[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  htmlEntities: true,
  isArray: (name) => name === 'testsuite' || name === 'testcase',
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Output of tests is not needed, and may be most of a report. */
const withoutOutput = (xml: string) => xml.replace(/<(system-out|system-err)(\s[^>]*)?>.*?<\/\1>/gs, '');

/**
 * The document of a report. Its text is not trusted: one with a document type, which can define entities that grow
 * without limit, is not read.
 */
export function parseXml(xml: string): { root: Record<string, unknown>; cut: boolean } | undefined {
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) return undefined;
  const cut = !closed(xml);
  try {
    // The outcome of a test whose element is cut is not known.
    const root: unknown = parser.parse(withoutOutput(cut ? xml.slice(0, endOfTests(xml)) : xml));
    return isRecord(root) ? { root, cut } : undefined;
  } catch {
    return undefined;
  }
}

/** A killed runner leaves a report whose outermost element is not closed. */
function closed(xml: string): boolean {
  const outermost = /<([A-Za-z][\w:.-]*)/.exec(xml);
  if (!outermost) return false;
  const end = xml.replace(/(<!--(?:(?!-->).)*-->\s*)+$/s, '').trimEnd();
  return end.endsWith(`</${outermost[1]}>`) || /^<[^<>]*\/>$/.test(end.slice(outermost.index));
}

const endOfTests = (xml: string): number =>
  Math.max(
    0,
    ...[...xml.matchAll(/<\/testcase>|<testcase\b[^<>]*\/>/g)].slice(-1).map((last) => last.index + last[0].length),
  );

/** The tests of JUnit reports. @param idOf gives a test's id. */
export function readJunit(reports: Reports, idOf: (found: JunitCase) => string): TestReport | undefined {
  const tests: TestResult[] = [];
  let cut = false;
  let readable = false;
  for (const xml of reports.files.values()) {
    const parsed = parseXml(xml);
    cut ||= !parsed || parsed.cut;
    if (!parsed) continue;
    readable ||= 'testsuites' in parsed.root || 'testsuite' in parsed.root;
    const { testsuites } = parsed.root;
    visit(isRecord(testsuites) ? testsuites : parsed.root, []);
  }
  if (!readable) return undefined;
  return { tests, ...(cut ? { incomplete: 'The report is cut: the runner ended before it had written it.' } : {}) };

  function visit(suite: Record<string, unknown>, suites: string[]): void {
    for (const found of list(suite.testcase).filter(isRecord)) {
      const names = {
        name: text(found['@name']),
        classname: text(found['@classname']),
        file: text(found['@file']) || text(suite['@file']),
        suites,
      };
      tests.push({ id: idOf(names), outcome: outcomeOf(found) });
    }
    for (const inner of list(suite.testsuite).filter(isRecord)) visit(inner, [...suites, text(inner['@name'])]);
  }
}

function outcomeOf(found: Record<string, unknown>): TestResult['outcome'] {
  if ('skipped' in found) return 'skipped';
  return 'failure' in found || 'error' in found ? 'failed' : 'passed';
}

export const joinId = (...parts: string[]): string => parts.filter(Boolean).join(' > ');
