import type { Command } from 'commander';
import { syncPlans } from '#activities/services/sync-plans.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { CliError } from '../client.ts';
import type { CliContext } from '../context.ts';

const words = { there: 'is right', created: 'was created', differs: 'differs' } as const;

export function billingCommand(program: Command, context: CliContext): void {
  const billing = program.command('billing').description('prices at Stripe, by the settings; no server is needed');
  billing
    .command('sync-plans')
    .description('create the prices of the table of plans that are missing at Stripe, and compare the others')
    .action(async () => {
      const prices = await syncPlans().catch((error: unknown) => {
        throw error instanceof AppError ? new CliError(error.message, error.code === 'unavailable' ? 2 : 1) : error;
      });
      const lines = prices.map(
        ({ tier, price_id, state, difference }) =>
          `${tier}: ${price_id} ${words[state]}${difference ? `: ${difference}. Set another price, or change billing.plans.` : '.'}`,
      );
      context.print({ prices }, lines.join('\n'));
      if (prices.some(({ state }) => state === 'differs'))
        throw new CliError('Prices at Stripe differ from the plans.', 1);
    });
}
