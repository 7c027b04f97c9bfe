import { z } from 'zod';
import { tokenPair } from './auth.ts';
import { contract, isoTime } from './contract.ts';

const code = z.string().trim().min(1).max(50);

export const secondFactor = contract({
  method: 'get',
  path: '/auth/second-factor',
  tag: 'auth',
  summary: 'Whether sign-ins of the caller ask for a code of an authenticator app',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  response: z.object({
    enabled: z.boolean(),
    /** The account has a password, so setting up and disabling ask for it. */
    has_password: z.boolean(),
    confirmed_at: isoTime.nullable(),
    recovery_codes_left: z.number().int(),
  }),
});
export const passSecondFactor = contract({
  method: 'post',
  path: '/auth/second-factor',
  tag: 'auth',
  summary: 'Finish a sign-in by a code of the authenticator app, or by a recovery code; also sets cookies',
  failures: [401, 429],
  auth: 'none',
  scope: 'none',
  /** A browser has the challenge in a cookie. */
  body: z.strictObject({ challenge: z.string().max(200).optional(), code }),
  response: tokenPair,
});
export const enrolSecondFactor = contract({
  method: 'post',
  path: '/auth/second-factor/enrol',
  tag: 'auth',
  summary: 'Create the secret of an authenticator app; it counts when its first code is confirmed',
  failures: [429],
  auth: 'user',
  before_approval: true,
  scope: 'none',
  shown_once: ['secret', 'url', 'qr_svg'],
  /** Needed by an account that has a password. */
  body: z.strictObject({ password: z.string().max(200).optional() }),
  response: z.object({ secret: z.string().nullable(), url: z.string().nullable(), qr_svg: z.string().nullable() }),
});
export const confirmSecondFactor = contract({
  method: 'post',
  path: '/auth/second-factor/confirm',
  tag: 'auth',
  summary: 'Confirm the first code of an authenticator app; gives the recovery codes, each for one use',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  shown_once: ['recovery_codes'],
  body: z.strictObject({ code }),
  response: z.object({ recovery_codes: z.array(z.string()).nullable() }),
});
export const disableSecondFactor = contract({
  method: 'post',
  path: '/auth/second-factor/disable',
  tag: 'auth',
  summary: 'Sign in without a code again; needs a code or a recovery code, and the password of an account that has one',
  failures: [429],
  auth: 'user',
  before_approval: true,
  scope: 'none',
  body: z.strictObject({ password: z.string().max(200).optional(), code: code.optional() }),
  status: 204,
});
