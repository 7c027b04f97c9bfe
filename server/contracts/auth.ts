import { z } from 'zod';
import { personalChoices } from '#workflows/domain/access/preferences.ts';
import { contract, type Contract, idParams, isoTime, listOf, nameOf, pageQuery, uuid } from './contract.ts';

/** AUTH-02: common passwords that are refused. */
const common = new Set([
  'password',
  'password1!',
  '12345678',
  '123456789',
  'qwerty123',
  'qwertyuiop',
  '11111111',
  'iloveyou',
  'admin123',
  'welcome1',
  'letmein1',
  'sunshine',
  'princess',
  'football',
  'baseball',
  'superman',
  'trustno1',
  'passw0rd',
  'p@ssw0rd',
  'abc12345',
]);
const passwordRules: { rule: string; holds: (password: string) => boolean }[] = [
  { rule: '8 to 100 characters', holds: (p) => p.length >= 8 && p.length <= 100 },
  { rule: 'an upper-case letter', holds: (p) => /[A-Z]/.test(p) },
  { rule: 'a lower-case letter', holds: (p) => /[a-z]/.test(p) },
  { rule: 'a digit', holds: (p) => /\d/.test(p) },
  { rule: 'a special character', holds: (p) => /[!@#$%^&*(),.?":{}|<>[\]\\~_+\-=/;'`]/.test(p) },
  { rule: 'none of the common passwords', holds: (p) => !common.has(p.toLowerCase()) },
];
export const password = z.string().superRefine((value, context) => {
  for (const { rule, holds } of passwordRules)
    if (!holds(value)) context.addIssue({ code: 'custom', message: `needs ${rule}` });
});
export const email = z.email().max(254);
/** The secret of a mailed link. */
export const token = z.string().min(1).max(200);
const preferences = z.strictObject({
  theme: z.enum(personalChoices.theme).optional(),
  density: z.enum(personalChoices.density).optional(),
  font: z.enum(personalChoices.font).optional(),
  contrast: z.enum(personalChoices.contrast).optional(),
  motion: z.enum(personalChoices.motion).optional(),
  keys: z.enum(personalChoices.keys).optional(),
});
export const userSchema = z.object({
  id: uuid,
  email: z.string(),
  full_name: z.string().nullable(),
  department: z.string().nullable(),
  is_active: z.boolean(),
  is_verified: z.boolean(),
  is_super_admin: z.boolean(),
  avatar_url: z.string().nullable(),
  attributes: z.record(z.string(), z.unknown()),
  /** How pages look to the user. Of two answers the one with the higher version is newer. */
  preferences: preferences.extend({ version: z.number().int() }),
  waitlist_status: z.string(),
  created_at: isoTime,
});
export const tokenPair = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number().int(),
});
/** A sign-in, or a challenge for the second factor, which POST /auth/second-factor takes. */
const signInAnswer = z.union([tokenPair, z.object({ challenge: z.string(), expires_in: z.number().int() })]);
const asksForCode: Contract['alternative'] = {
  status: 202,
  when: (answer) => typeof answer === 'object' && answer !== null && 'challenge' in answer,
};
export const register = contract({
  method: 'post',
  path: '/auth/register',
  tag: 'auth',
  summary: 'Register with e-mail and password',
  rate_limit: 'register',
  auth: 'none',
  scope: 'none',
  status: 201,
  response: userSchema,
  body: z.strictObject({
    email,
    password,
    full_name: nameOf(200).or(z.literal('')).optional(),
    department: z.string().max(200).optional(),
    referral_source: z.string().max(200).optional(),
    /** The token of a mailed invitation: the account is verified, and a member of its organization. */
    invitation: token.optional(),
  }),
});
export const login = contract({
  method: 'post',
  path: '/auth/login',
  tag: 'auth',
  summary: 'Sign in with e-mail and password; also sets cookies',
  rate_limit: 'login',
  failures: [401, 429],
  auth: 'none',
  scope: 'none',
  body: z.strictObject({ email: z.string().max(254), password: z.string().max(200) }),
  alternative: asksForCode,
  response: signInAnswer,
});
export const refresh = contract({
  method: 'post',
  path: '/auth/refresh',
  tag: 'auth',
  summary: 'Exchange a refresh token for a new pair',
  rate_limit: 'refresh',
  failures: [401],
  auth: 'none',
  scope: 'none',
  body: z.object({ refresh_token: z.string().optional() }),
  response: tokenPair,
});
export const logout = contract({
  method: 'post',
  path: '/auth/logout',
  tag: 'auth',
  summary: 'Sign out',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  status: 204,
});
export const me = contract({
  method: 'get',
  path: '/auth/me',
  tag: 'auth',
  summary: 'The signed-in user',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  response: userSchema.extend({
    organizations: z.array(
      z.object({ id: uuid, name: z.string(), slug: z.string(), role: z.string(), permissions: z.array(z.string()) }),
    ),
  }),
});
const ofProvider = /^(github|google|gitlab)_|(token|api[-_]?key|secret|password)$/i;
const maxAttributes = 16_384;

/** Names at any depth that would hold a key of a provider. */
function* keysIn(value: unknown, path: string[] = []): Generator<string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (ofProvider.test(name) && !Array.isArray(value)) yield [...path, name];
    yield* keysIn(inner, [...path, name]);
  }
}

const attributes = z.record(z.string().max(100), z.unknown()).superRefine((value, context) => {
  if (JSON.stringify(value).length > maxAttributes)
    context.addIssue({ code: 'custom', message: `must be at most ${maxAttributes} characters of JSON` });
  for (const path of keysIn(value))
    context.addIssue({
      code: 'custom',
      path,
      message: 'would hold a key: connect the provider, or store a model key, in the settings',
    });
});
export const updateMe = contract({
  method: 'patch',
  path: '/auth/me',
  tag: 'auth',
  summary: 'Change the profile of the signed-in user',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  body: z
    .strictObject({
      full_name: nameOf(200).or(z.literal('')).nullable(),
      department: z.string().trim().max(200).nullable(),
      attributes,
      /** Those that are named change; the others stay. */
      preferences,
    })
    .partial(),
  response: userSchema,
});
export const changePassword = contract({
  method: 'post',
  path: '/auth/change-password',
  tag: 'auth',
  summary: 'Change the password; every sign-in of the user ends',
  failures: [429],
  auth: 'user',
  before_approval: true,
  scope: 'none',
  body: z.strictObject({ current_password: z.string().max(200), new_password: password }),
  status: 204,
});
export const listSessions = contract({
  method: 'get',
  path: '/auth/sessions',
  tag: 'auth',
  summary: 'List the sign-ins of the caller',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  query: pageQuery,
  response: listOf(
    z.object({
      id: uuid,
      user_agent: z.string().nullable(),
      ip: z.string().nullable(),
      created_at: isoTime,
      /** When its tokens were last renewed. */
      last_used_at: isoTime,
      expires_at: isoTime,
      /** The sign-in of this call. */
      current: z.boolean(),
    }),
  ),
});
export const revokeSession = contract({
  method: 'delete',
  path: '/auth/sessions/{id}',
  tag: 'auth',
  summary: 'End one sign-in of the caller',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  params: idParams,
  status: 204,
});
export const logoutAll = contract({
  method: 'post',
  path: '/auth/logout-all',
  tag: 'auth',
  summary: 'End every sign-in of the caller',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  status: 204,
});
export const auditTrail = contract({
  method: 'get',
  path: '/auth/audit',
  tag: 'auth',
  summary: 'What happened to accounts, the newest first (administrators of the installation only)',
  auth: 'administrator',
  scope: 'none',
  query: pageQuery.extend({
    event: z.string().max(100).optional(),
    user_id: uuid.optional(),
    email: z.string().max(254).optional(),
  }),
  response: listOf(
    z.object({
      id: uuid,
      event: z.string(),
      timestamp: isoTime,
      user_id: uuid.nullable(),
      email: z.string().nullable(),
      ip: z.string().nullable(),
      details: z.record(z.string(), z.unknown()),
    }),
  ),
});
const waitlistStates = ['pending', 'approved', 'none'] as const;
export const waitlist = contract({
  method: 'get',
  path: '/auth/waitlist',
  tag: 'auth',
  summary: 'Accounts by their place on the waiting list (administrators of the installation only)',
  auth: 'administrator',
  scope: 'none',
  query: pageQuery.extend({ status_filter: z.enum(waitlistStates).default('pending') }),
  response: listOf(userSchema),
});
export const approve = contract({
  method: 'post',
  path: '/auth/waitlist/{id}/approve',
  tag: 'auth',
  summary: 'Approve an account of the waiting list',
  auth: 'administrator',
  scope: 'none',
  params: idParams,
  response: userSchema,
});
export const approveAll = contract({
  method: 'post',
  path: '/auth/waitlist/approve-all',
  tag: 'auth',
  summary: 'Approve every account of the waiting list',
  auth: 'administrator',
  scope: 'none',
  response: z.object({ approved: z.number().int() }),
});
export const signInLink = contract({
  method: 'post',
  path: '/auth/link',
  tag: 'auth',
  summary: 'Sign in with a one-time link',
  rate_limit: 'link',
  auth: 'none',
  scope: 'none',
  body: z.strictObject({ token: z.string().max(200) }),
  alternative: asksForCode,
  response: signInAnswer,
});
export const createSignInLink = contract({
  method: 'post',
  path: '/auth/links',
  tag: 'auth',
  summary: 'Create a one-time sign-in link for the caller',
  auth: 'user',
  scope: 'none',
  shown_once: ['url'],
  response: z.object({ url: z.string().nullable() }),
});
export const liveTicket = contract({
  method: 'post',
  path: '/auth/live-ticket',
  tag: 'auth',
  summary: 'Create a ticket for one connection to the live feed',
  auth: 'user',
  scope: 'own',
  shown_once: ['ticket'],
  response: z.object({ ticket: z.string().nullable(), expires_in: z.number().int() }),
});
