import type { Command } from 'commander';
import { z } from 'zod';
import {
  addCredit,
  createAdmin,
  removeSecondFactor,
  setAccountActive,
  verifyUser,
} from '#activities/services/admin.ts';
import { environment, loadConfig } from '#activities/services/config.ts';
import { CliError } from '../client.ts';
import type { CliContext } from '../context.ts';
import { onDatabase } from '../on-database.ts';

function address(given: string): string {
  if (z.email().max(254).safeParse(given).success) return given;
  throw new CliError(`EMAIL must be an e-mail address, such as ada@example.com, not ${given}.`, 2);
}

export function adminCommand(program: Command, context: CliContext): void {
  const admin = program
    .command('admin')
    .description('accounts and the installation, by its settings; no server is needed');
  admin
    .command('create <email>')
    .description("create an administrator, or make an account one; prints a new account's password once")
    .action(async (email: string) => {
      const { user, password } = await onDatabase((store) => createAdmin(store, address(email)));
      context.print(
        { user_id: user.id, email: user.email, is_super_admin: true, is_verified: true, password: password ?? null },
        password
          ? `${user.email} is an administrator. Password, shown once: ${password}`
          : `${user.email} is an administrator now. Its password is unchanged.`,
      );
    });
  admin
    .command('github-app')
    .description('create the GitHub App of this installation in your browser, and print its settings once')
    .option('--organization <login>', 'its owner at GitHub; by default your own account')
    .action(async ({ organization }: { organization?: string }) => {
      const { createApp } = await import('#activities/services/github-manifest.ts');
      const { settings, url } = await createApp(loadConfig(), environment, {
        organization,
        opened: (address) =>
          console.error(`Open ${address} in a browser on this machine. The command waits for an hour.`),
      });
      const lines = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
      context.print(
        { ...settings, url },
        [
          'Keep these settings secret. They are shown once:',
          '',
          ...lines,
          '',
          `Set CODE_HOST=github with them, restart the server and the workers, then install the App: ${url}`,
        ].join('\n'),
      );
    });
  admin
    .command('remove-second-factor <email>')
    .description('let a person sign in who lost their authenticator app and their recovery codes')
    .action(async (email: string) => {
      const { user, removed } = await onDatabase((store) => removeSecondFactor(store, address(email)));
      context.print(
        { user_id: user.id, email: user.email, removed },
        removed ? `${user.email} signs in without a code now.` : `${user.email} has no second factor.`,
      );
    });
  admin
    .command('add-credit <organization> <usd> <payment>')
    .description('add credit that an organization (its slug) has paid for; the same payment counts once')
    .action(async (slug: string, usd: string, payment: string) => {
      const cents = Math.round(Number(usd) * 100);
      if (!/^\d+(\.\d{1,2})?$/.test(usd) || cents < 1 || cents > 10_000_000)
        throw new CliError(`USD must be an amount from 0.01 to 100000, such as 25 or 12.50, not ${usd}.`, 2);
      const account = await onDatabase((store) => addCredit(store, slug, cents, payment.slice(0, 200)));
      context.print(
        { organization_id: account.organization_id, credit_cents: account.credit_cents },
        `${slug} has $${(account.credit_cents / 100).toFixed(2)} of credit.`,
      );
    });
  admin
    .command('verify <email>')
    .description('verify an account, so that it may start work')
    .action(async (email: string) => {
      const user = await onDatabase((store) => verifyUser(store, address(email)));
      context.print(
        { user_id: user.id, email: user.email, is_verified: true },
        `${user.email} is verified and may start work.`,
      );
    });
  admin
    .command('deactivate <email>')
    .description('refuse an account everywhere, at once; its running work goes on')
    .action(async (email: string) => {
      const { user, ownerless } = await onDatabase((store, config) =>
        setAccountActive(store, config, address(email), false),
      );
      const left = ownerless.map(({ slug }) => slug);
      context.print(
        { user_id: user.id, email: user.email, is_active: user.is_active, last_owner_of: ownerless },
        `${user.email} is deactivated.${left.length > 0 ? ` Without an active owner are now: ${left.join(', ')}.` : ''}`,
      );
    });
  admin
    .command('activate <email>')
    .description('let a deactivated account sign in again')
    .action(async (email: string) => {
      const { user } = await onDatabase((store, config) => setAccountActive(store, config, address(email), true));
      context.print(
        { user_id: user.id, email: user.email, is_active: user.is_active },
        `${user.email} may sign in again.`,
      );
    });
}
