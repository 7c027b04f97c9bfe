import type { Command } from 'commander';
import { report } from '#server/contracts/report.ts';
import { shortId } from '../arguments.ts';
import type { CliContext } from '../context.ts';
import { money } from '../screen.ts';

export function reportCommand(program: Command, context: CliContext): void {
  program
    .command('report')
    .description('summarize runs, pull requests, failures and cost')
    .option('--since <time>', 'ISO time, or hours such as 8h')
    .action(async ({ since }: { since?: string }) => {
      const hours = /^(\d+)h$/.exec(since ?? '')?.[1];
      const from = hours ? new Date(Date.now() - Number(hours) * 3_600_000).toISOString() : since;
      const r = await context.client().call(report, { query: { since: from } });
      const { completed, failed, active, waiting } = r.runs;
      const list = (title: string, rows: string[]) =>
        rows.length > 0 ? `\n${title}\n${rows.map((row) => `  ${row}`).join('\n')}` : '';
      context.print(
        r,
        [
          `Since ${r.since}`,
          `Runs: ${completed} completed, ${failed} failed, ${active} running, ${waiting} waiting`,
          `Cost: ${money(r.money.cost_micros)} in ${r.money.calls} model calls`,
          list(
            'Waiting for you',
            r.waiting_on_you.map((w) => `${w.kind} ${shortId(w.id)}  ${w.title}: ${w.reason}`),
          ) +
            list(
              'Pull requests',
              r.pull_requests.map((p) => `#${p.number} ${p.state}  ${p.title}  ${p.url}`),
            ) +
            list(
              'Raised at night',
              r.night_raises.map(
                (n) => `${shortId(n.run_id)}  ${n.title}: by ${money(n.raised_micros)} to $${n.max_usd}`,
              ),
            ) +
            list(
              'Failures',
              r.failures.map((f) => `${shortId(f.run_id)}  ${f.title}: ${f.reason}`),
            ),
        ].join('\n'),
      );
    });
}
