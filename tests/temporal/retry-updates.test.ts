import { ServiceError } from '@temporalio/client';
import { translate } from '#temporal/client-errors.ts';
import { retryUpdates } from '#temporal/interceptors/retry-updates.ts';

/** An answer of the server in the two forms that the client gives it. */
function refusal(code: number, details: string, wrapped: boolean): Error {
  const error = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
  return wrapped ? new ServiceError('Workflow Update failed', { cause: error }) : error;
}
const ending = 'Unable to perform workflow execution update due to Workflow Task in failed state.';

describe.each(['startUpdate', 'startUpdateWithStart'] as const)('%s', (call) => {
  /** Sends an update to a workflow that refuses some tries. */
  async function send(refusals: Error[]) {
    let tries = 0;
    const next = () => {
      tries += 1;
      const refused = refusals.shift();
      return refused ? Promise.reject(refused) : Promise.resolve('accepted');
    };
    const sent = retryUpdates[call] as unknown as (input: object, next: () => Promise<string>) => Promise<string>;
    return sent({}, next).then(
      (answer) => ({ answer, tries }),
      (error: unknown) => ({ error, tries }),
    );
  }

  test.each([true, false])(
    'sends an update again that came while its workflow was ending (wrapped: %s)',
    async (wrapped) => {
      const refusals = [refusal(9, ending, wrapped), refusal(9, ending, wrapped)];
      expect(await send(refusals)).toEqual({ answer: 'accepted', tries: 3 });
    },
  );

  test('sends none again that was refused for another reason, and gives up at last', async () => {
    const other = refusal(3, 'Unknown update', true);
    expect(await send([other])).toEqual({ error: other, tries: 1 });
    const all = Array.from({ length: 8 }, () => refusal(9, ending, true));
    expect(await send([...all])).toEqual({ error: all[7], tries: 8 });
  });
});

test.each<[code: number, details: string, wrapped: boolean, expected: string | undefined]>([
  [14, 'no connection', true, 'unavailable'],
  [14, 'no connection', false, 'unavailable'],
  [5, 'workflow not found', true, 'conflict'],
  [9, 'workflow execution already completed', true, 'conflict'],
  [3, 'bad request', true, undefined],
])('the answer %s "%s" of the server (wrapped: %s) is %s for the caller', (code, details, wrapped, expected) => {
  expect((translate(refusal(code, details, wrapped), 'run:1') as { code?: unknown }).code).toBe(expected ?? undefined);
});
