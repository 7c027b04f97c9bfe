import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';

/** Sends rows as a file. A cell that a spreadsheet would compute begins with a quote. */
export async function sendCsv(
  res: Response,
  name: string,
  columns: readonly string[],
  rows: Iterable<object> | AsyncIterable<object>,
): Promise<void> {
  res.type('text/csv').attachment(`${name}.csv`);
  const csv = stringify({ header: true, columns: [...columns], escape_formulas: true, record_delimiter: 'windows' });
  // A reader that leaves ends the reading of the rows.
  await pipeline(Readable.from(rows), csv, res).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
