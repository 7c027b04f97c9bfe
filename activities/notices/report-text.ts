import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { MorningReport } from '../ports/morning-report.ts';

/** Most lines of a part; the page has the others. */
const mostLines = 8;

const short = (text: string) => cutStart(oneLine(text), 160);

function part(title: string, lines: string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > mostLines ? [`- and ${lines.length - mostLines} more`] : [];
  return [[`${title}:`, ...lines.slice(0, mostLines).map((line) => `- ${line}`), ...more].join('\n')];
}

/** The report as plain text, which begins with what a person has to do. @param page address of the report's page. */
export function reportText(report: MorningReport, page: string): string {
  const { waiting_on_you, pull_requests, decisions, failures, money, runs } = report;
  const paragraphs = [
    ...part(
      'Waiting on you',
      waiting_on_you.map(({ title, reason }) => short(`${title}: ${reason}`)),
    ),
    ...part(
      'Pull requests',
      pull_requests.map(({ number, title, state, url }) => `${short(`#${number} ${title}`)} (${state}): ${url}`),
    ),
    ...part(
      'Decided without you',
      decisions.map(({ title, question, assumption }) => short(`${title}: ${question} Assumed: ${assumption}`)),
    ),
    ...part(
      'Failed',
      failures.map(({ title, reason }) => short(`${title}: ${reason}`)),
    ),
  ];
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  const worked = `${count(runs.completed, 'run')} completed and ${runs.failed} failed, for $${money.cost_usd.toFixed(2)} in ${count(money.calls, 'call')} of models.`;
  return [...paragraphs, worked, `The whole report: ${page}`].join('\n\n');
}
