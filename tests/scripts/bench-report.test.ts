import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Report } from '#scripts/bench/report.ts';

describe('the report of a benchmark', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-report-'));
  const file = path.join(folder, 'bench.json');
  const stored = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  afterAll(() => rmSync(folder, { recursive: true }));

  test('has each row as soon as it is measured; one that fails says so, and the others go on', async () => {
    const said: string[] = [];
    const report = new Report(file, (line) => said.push(line), { cpus: 2 });
    await report.row(
      'first',
      () => Promise.resolve({ ms: 12 }),
      ({ ms }) => `first: ${ms} ms`,
    );
    expect(stored()).toEqual({ cpus: 2, first: { ms: 12 } });
    expect(await report.row('second', () => Promise.reject(new Error('The server is gone.')))).toBeUndefined();
    await report.row('third', () => Promise.resolve([{ ms: 3 }]));
    expect(stored()).toEqual({ cpus: 2, first: { ms: 12 }, third: [{ ms: 3 }] });
    expect(report.end()).toBe(1);
    expect(said).toEqual(
      expect.arrayContaining(['first: 12 ms', 'second: failed: The server is gone.', 'Failed: second.']),
    );
  });

  test('prints the ratios to an earlier run for the numbers that both have', async () => {
    // The file that this run writes again.
    writeFileSync(file, JSON.stringify({ cpus: 2, turns: { ms: 20, name: 'x' }, gone: 1, zero: 0 }));
    const said: string[] = [];
    const report = new Report(file, (line) => said.push(line), { cpus: 2 }, file);
    await report.row('turns', () => Promise.resolve({ ms: 15, more: 1 }));
    await report.row('zero', () => Promise.resolve(4));
    expect(report.end()).toBe(0);
    const rows = said[0]?.split('\n').map((line) => line.split(/\s{2,}/));
    expect(rows).toEqual([
      ['', 'before', 'now', 'ratio'],
      ['cpus', '2', '2', '1'],
      ['turns.ms', '20', '15', '0.75'],
      ['zero', '0', '4', '-'],
    ]);
  });
});
