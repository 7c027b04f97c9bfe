import { z } from 'zod';
import { contract, isoTime } from './contract.ts';

const params = z.object({ provider: z.string().max(50) });
/** A page of this site: no other host, and nothing that a browser reads as one. */
const to = z
  .string()
  .max(2000)
  .regex(/^\/(?!\/)[^\\\s]*$/, 'must be a path of this site, such as /command')
  .default('/command');
const begun = z.object({ auth_url: z.string(), state: z.string() });

export const oauthProviders = contract({
  method: 'get',
  path: '/auth/oauth/providers',
  tag: 'auth',
  summary: 'The providers at which people can sign in',
  auth: 'none',
  scope: 'none',
  response: z.object({ items: z.array(z.object({ provider: z.string(), title: z.string() })) }),
});
export const oauthConnected = contract({
  method: 'get',
  path: '/auth/oauth/connected',
  tag: 'auth',
  summary: 'The accounts at providers by which the caller signs in',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  response: z.object({
    items: z.array(
      z.object({ provider: z.string(), login: z.string(), email: z.string().nullable(), connected_at: isoTime }),
    ),
  }),
});
export const oauthSignIn = contract({
  method: 'get',
  path: '/auth/oauth/{provider}',
  tag: 'auth',
  summary: 'Sign in at a provider: leads the browser there',
  auth: 'none',
  scope: 'none',
  params,
  query: z.object({ to }),
  status: 302,
});
export const oauthUrl = contract({
  method: 'get',
  path: '/auth/oauth/{provider}/url',
  tag: 'auth',
  summary: 'The address at which a sign-in at a provider begins; also sets the cookie that finishes it',
  auth: 'none',
  scope: 'none',
  params,
  query: z.object({ to }),
  response: begun,
});
export const oauthRedirectUri = contract({
  method: 'get',
  path: '/auth/oauth/{provider}/redirect-uri',
  tag: 'auth',
  summary: 'The address that must be entered at a provider as the one that it leads back to',
  auth: 'none',
  scope: 'none',
  params,
  response: z.object({ redirect_uri: z.string() }),
});
export const oauthCallback = contract({
  method: 'get',
  path: '/auth/oauth/{provider}/callback',
  tag: 'auth',
  summary: 'Where a provider leads the browser back: signs in or connects, and sets cookies',
  auth: 'none',
  scope: 'none',
  params,
  query: z.object({
    state: z.string().max(500).optional(),
    code: z.string().max(4000).optional(),
    iss: z.string().max(500).optional(),
    scope: z.string().max(4000).optional(),
    error: z.string().max(500).optional(),
    error_description: z.string().max(4000).optional(),
    error_uri: z.string().max(2000).optional(),
    authuser: z.string().max(200).optional(),
    prompt: z.string().max(200).optional(),
    hd: z.string().max(500).optional(),
    session_state: z.string().max(500).optional(),
  }),
  status: 302,
});
export const oauthConnect = contract({
  method: 'post',
  path: '/auth/oauth/{provider}/connect',
  tag: 'auth',
  summary: 'Connect an account at a provider to the caller; also sets the cookie that finishes it',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  params,
  body: z.strictObject({ to }),
  response: begun,
});
export const oauthDisconnect = contract({
  method: 'delete',
  path: '/auth/oauth/{provider}/disconnect',
  tag: 'auth',
  summary: 'Disconnect an account at a provider; the last way to sign in stays',
  auth: 'user',
  before_approval: true,
  scope: 'none',
  params,
  status: 204,
});
