import { hash } from '@node-rs/argon2';
import { tellRights } from '#activities/ports/bus.ts';
import type { Services } from '#activities/ports/services.ts';
import { pageLink } from '#activities/ports/page-link.ts';
import { sendMail } from '#activities/ports/send-mail.ts';
import type { User } from '#prisma/store/identity.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/mailed-links.ts';
import { deterministicId, randomToken, sha256 } from '../http/tokens.ts';
import type { SignInClient } from './sign-in-guard.ts';

const dead = (what: string, remedy: string) =>
  new AppError('invalid_rule', `This link was used before, was replaced or has expired. ${remedy}`, [
    { field: 'token', message: `is not a valid ${what} link` },
  ]);

const hours = (seconds: number) => {
  const [count, unit] = seconds >= 3600 ? [Math.round(seconds / 3600), 'hour'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};

/** An account may exist without the mail: its owner asks for another one. */
export const welcome = (services: Services, user: User): Promise<void> =>
  sendVerification(services, user).catch((error: unknown) =>
    services.log.error({ user_id: user.id, error: String(error) }, 'a verification mail could not be made'),
  );

async function sendVerification(services: Services, user: User): Promise<void> {
  const { store, config } = services;
  const token = randomToken();
  const ttl = config.auth.verification_ttl;
  await store.identity.createLink(user.id, sha256(token), new Date(Date.now() + ttl * 1000), 'verify_email');
  await sendMail(services, {
    to: user.email,
    subject: 'Verify your e-mail address',
    text: `Somebody registered this address at OmoiOS. If it was you, open this link within ${hours(ttl)}:\n\n{link}\n\nOtherwise ignore this mail.`,
    link: pageLink(services, `/verify-email?token=${token}`),
  });
}

export async function verifyEmail(services: Services, token: string, { ip }: SignInClient) {
  const { identity } = services.store;
  const user = await identity.verifyEmail(sha256(token));
  if (!user) throw dead('verification', 'Sign in and ask for a new mail.');
  await identity.audit('email_verified', { user_id: user.id, email: user.email, ip });
  tellRights(services.bus, user.id);
  behind(services, () => sendWelcome(services, user));
  return { email: user.email };
}

/** Whoever verifies again is welcomed no second time. */
async function sendWelcome(services: Services, user: User): Promise<void> {
  await sendMail(services, {
    id: deterministicId(`welcome:${user.id}`),
    to: user.email,
    subject: 'Welcome to OmoiOS',
    text: `Your address is verified. Describe a feature here, and find its pull request later:\n\n${pageLink(services, '/command')}`,
  });
}

/** Goes on behind the answer, whose time must not tell whether the address is registered. */
function behind(services: Services, work: () => Promise<void>) {
  void work().catch((error: unknown) => services.log.error({ error: String(error) }, 'a mail could not be made'));
}

export function resendVerification(services: Services, email: string) {
  behind(services, async () => {
    const user = await services.store.identity.userByEmail(email);
    if (user?.is_active && !user.is_verified) await sendVerification(services, user);
  });
  return { message: 'If this address waits for its verification, a mail is on its way.' };
}

export function forgotPassword(services: Services, email: string, { ip }: SignInClient) {
  const { store, config } = services;
  const ttl = config.auth.reset_ttl;
  behind(services, async () => {
    const user = await store.identity.userByEmail(email);
    if (!user?.is_active) return;
    const token = randomToken();
    await store.identity.createLink(user.id, sha256(token), new Date(Date.now() + ttl * 1000), 'reset_password');
    await store.identity.audit('password_reset_requested', { user_id: user.id, email: user.email, ip });
    await sendMail(services, {
      to: user.email,
      subject: 'Set a new password',
      text: `Somebody asked for a new password for your account at OmoiOS. If it was you, open this link within ${hours(ttl)}:\n\n{link}\n\nIt works once, and all your sign-ins end. Otherwise ignore this mail.`,
      link: pageLink(services, `/reset-password?token=${token}`),
    });
  });
  return { message: 'If this address is registered, a mail is on its way.' };
}

export async function resetPassword(
  services: Services,
  { token, new_password: password }: Body<typeof contracts.resetPassword>,
  { ip }: SignInClient,
) {
  const { identity } = services.store;
  const user = await identity.resetPassword(sha256(token), await hash(password));
  if (!user) throw dead('reset', 'Ask for a new mail.');
  await identity.audit('password_reset', { user_id: user.id, email: user.email, ip });
  tellRights(services.bus, user.id);
  return { email: user.email };
}
