import { randomBytes, randomUUID } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';
import type { Services } from '#activities/ports/services.ts';
import type { User } from '#prisma/store/identity.ts';
import { AppError, present } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/second-factor.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { randomToken, sha256 } from '../http/tokens.ts';
import { requireSignIn } from './account.ts';
import { guardPassword, type SignInClient } from './sign-in-guard.ts';
import { iso } from './views.ts';

/** A sign-in that waits for its second factor. */
export interface Challenge {
  challenge: string;
  expires_in: number;
}

type Factor = 'authenticator' | 'recovery_code';

const recoveryCodes = 10;
/** Codes of the 30 seconds before and after are accepted: clocks differ. */
const window = 1;
/** A new password ends the sign-ins that wait. */
const markOf = (user: User) => sha256(user.hashed_password ?? '');
const plain = (code: string) => code.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Four groups of four: 80 bits, so that a plain hash of it cannot be reversed. */
const newRecoveryCode = () =>
  new Secret({ buffer: Uint8Array.from(randomBytes(10)).buffer }).base32.toLowerCase().replace(/.{4}(?=.)/g, '$&-');

const totp = (secret: Secret, email: string) => new TOTP({ issuer: 'OmoiOS', label: email, secret });

const contextOf = (userId: string, credentialId: string) => `${userId}:${credentialId}`;

/** The step of a code, counted in 30 seconds since 1970; null when the code is wrong. */
function stepOf(services: Services, factor: Stored, code: string): number | null {
  const secret = Secret.fromBase32(
    services.secrets.open(factor.credential, contextOf(factor.user_id, factor.credential_id)),
  );
  const app = totp(secret, '');
  const timestamp = Date.now();
  const delta = app.validate({ token: code.replace(/\s/g, ''), timestamp, window });
  return delta === null ? null : app.counter({ timestamp }) + delta;
}
type Stored = NonNullable<Awaited<ReturnType<Services['store']['identity']['secondFactor']>>>;

/** Uses a code once. @returns its kind, or undefined when it is wrong or was used before. */
async function spendCode(services: Services, factor: Stored, code: string): Promise<Factor | undefined> {
  const { identity } = services.store;
  const step = stepOf(services, factor, code);
  if (step !== null) return (await identity.spendStep(factor.user_id, step)) ? 'authenticator' : undefined;
  return (await identity.spendRecoveryCode(factor.user_id, sha256(plain(code)))) ? 'recovery_code' : undefined;
}

async function confirmedFactor({ store }: Services, userId: string): Promise<Stored | undefined> {
  const factor = await store.identity.secondFactor(userId);
  return factor?.confirmed_at ? factor : undefined;
}

/** The challenge of a user who has a second factor. @param method the first factor: password, link, or a provider. */
export async function challengeOf(services: Services, user: User, method: string): Promise<Challenge | undefined> {
  if (!(await confirmedFactor(services, user.id))) return undefined;
  const challenge = randomToken();
  const seconds = services.config.auth.challenge_ttl;
  await services.store.identity.createChallenge({
    token_hash: sha256(challenge),
    user_id: user.id,
    password_mark: markOf(user),
    method,
    expires_at: new Date(Date.now() + seconds * 1000),
  });
  return { challenge, expires_in: seconds };
}

/**
 * Checks the code of a sign-in that waits. A wrong one counts as a failed sign-in.
 * @throws unauthenticated for a wrong code, and when the sign-in is finished, unknown or too old.
 */
export async function passChallenge(
  services: Services,
  challenge: string | undefined,
  code: string,
  { ip }: SignInClient,
): Promise<{ user: User; details: { method: string; second_factor: Factor } }> {
  const { identity } = services.store;
  const hash = sha256(challenge ?? '');
  const waiting = await identity.challenge(hash);
  const user = waiting && (await identity.userById(waiting.user_id));
  const over = () => new AppError('unauthenticated', 'This sign-in has ended or took too long. Sign in again.');
  if (!user?.is_active || markOf(user) !== waiting?.password_mark) throw over();
  const guard = guardPassword(services, user.email, ip);
  await guard.requireOpen();
  const factor = await confirmedFactor(services, user.id);
  if (!factor) throw over();
  const second = await spendCode(services, factor, code);
  if (!second) {
    await guard.failed(user.id, { step: 'second_factor' });
    throw new AppError('unauthenticated', 'The code is wrong or was used before. Wait for the next one.');
  }
  if (!(await identity.spendChallenge(hash))) throw over();
  await identity.signinSucceeded(user.email);
  return { user, details: { method: waiting.method, second_factor: second } };
}

export async function secondFactor(call: Call) {
  requireSignIn(call);
  const factor = await confirmedFactor(call.services, call.actor.user_id);
  return {
    enabled: factor !== undefined,
    has_password: (await userOf(call)).hashed_password !== null,
    confirmed_at: iso(factor?.confirmed_at ?? null),
    recovery_codes_left: factor?.recovery_codes.length ?? 0,
  };
}

const userOf = async ({ services, actor }: Call) =>
  present(await services.store.identity.userById(actor.user_id), 'the account of the caller');

/** A stolen sign-in must not lock its owner out, so an account with a password names it. */
export async function enrolSecondFactor(
  call: Call,
  { password }: Body<typeof contracts.enrolSecondFactor>,
  { ip }: SignInClient,
) {
  requireSignIn(call);
  const { services } = call;
  const user = await userOf(call);
  if (user.hashed_password) await requireProof(services, user, ip, { password });
  const secret = new Secret({ size: 20 });
  const id = randomUUID();
  const sealed = services.secrets.seal(secret.base32, contextOf(user.id, id));
  if (!(await services.store.identity.beginSecondFactor(user.id, user.email, { id, ...sealed })))
    throw new AppError('conflict', 'An authenticator app is set up already. Disable it first.');
  const url = totp(secret, user.email).toString();
  return { secret: secret.base32, url, qr_svg: renderSVG(url) };
}

export async function confirmSecondFactor(
  call: Call,
  { code }: Body<typeof contracts.confirmSecondFactor>,
  { ip }: SignInClient,
) {
  requireSignIn(call);
  const { services, actor } = call;
  const { identity } = services.store;
  const factor = await identity.secondFactor(actor.user_id);
  const none = () => new AppError('invalid_rule', 'No authenticator app waits for its first code. Set one up first.');
  if (!factor || factor.confirmed_at) throw none();
  const step = stepOf(services, factor, code);
  if (step === null)
    throw new AppError('invalid_rule', 'The code is wrong. Enter the one that the app shows now; check its clock.', [
      { field: 'code', message: 'is wrong' },
    ]);
  const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
  const hashes = codes.map((recovery) => sha256(plain(recovery)));
  if (!(await identity.confirmSecondFactor(factor.credential_id, step, hashes))) throw none();
  await identity.audit('second_factor_enabled', { user_id: actor.user_id, email: actor.email, ip });
  return { recovery_codes: codes };
}

export async function disableSecondFactor(
  call: Call,
  { password, code }: Body<typeof contracts.disableSecondFactor>,
  { ip }: SignInClient,
): Promise<undefined> {
  requireSignIn(call);
  const { services } = call;
  const user = await userOf(call);
  const factor = await services.store.identity.secondFactor(user.id);
  if (!factor) throw new AppError('invalid_rule', 'This account has no second factor.');
  await requireProof(services, user, ip, { password, code, factor });
  await services.store.identity.removeSecondFactor(user.id);
  await services.store.identity.audit('second_factor_disabled', { user_id: user.id, email: user.email, ip });
}

/**
 * Asks for what a sign-in asks for: the password of an account that has one, and a code where there is a second factor.
 * Wrong tries count as failed sign-ins: a stolen sign-in must not try passwords or codes.
 */
async function requireProof(
  services: Services,
  user: User,
  ip: string | undefined,
  { password, code, factor }: { password?: string; code?: string; factor?: Stored },
): Promise<void> {
  const refuse = (field: 'password' | 'code', message: string) =>
    new AppError('invalid_rule', `The ${field} ${message}.`, [{ field, message }]);
  const hashed = user.hashed_password;
  // The app of a factor that is not confirmed may never have read its secret.
  const asked = factor && (factor.confirmed_at || !hashed) ? factor : undefined;
  if (hashed && !password) throw refuse('password', 'is missing: enter it');
  if (asked && !code) throw refuse('code', 'is missing: enter the one that the app shows now, or a recovery code');
  const guard = guardPassword(services, user.email, ip);
  await guard.requireOpen();
  const wrong = async () => {
    if (hashed && !(await verify(hashed, password ?? ''))) return 'password';
    return asked && !(await spendCode(services, asked, code ?? '')) ? 'code' : undefined;
  };
  const field = await wrong();
  if (!field) return;
  await guard.failed(user.id);
  throw refuse(field, 'is wrong');
}
