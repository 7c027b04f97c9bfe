import { z } from 'zod';
import { email, password, token } from './auth.ts';
import { contract } from './contract.ts';

/** The same for every address, so that nobody learns which ones are registered. */
const onItsWay = z.object({ message: z.string() });

export const verifyEmail = contract({
  method: 'post',
  path: '/auth/verify-email',
  tag: 'auth',
  summary: 'Verify an e-mail address by its mailed link',
  rate_limit: 'verify',
  auth: 'none',
  scope: 'none',
  body: z.strictObject({ token }),
  response: z.object({ email: z.string() }),
});
export const resendVerification = contract({
  method: 'post',
  path: '/auth/resend-verification',
  tag: 'auth',
  summary: 'Send the verification mail again; the answer is always the same',
  rate_limit: 'resend',
  auth: 'none',
  scope: 'none',
  body: z.strictObject({ email }),
  response: onItsWay,
});
export const forgotPassword = contract({
  method: 'post',
  path: '/auth/forgot-password',
  tag: 'auth',
  summary: 'Send a link for a new password; the answer is always the same',
  rate_limit: 'forgot',
  auth: 'none',
  scope: 'none',
  body: z.strictObject({ email }),
  response: onItsWay,
});
export const resetPassword = contract({
  method: 'post',
  path: '/auth/reset-password',
  tag: 'auth',
  summary: 'Set a new password by a mailed link; every sign-in of the user ends',
  rate_limit: 'reset',
  auth: 'none',
  scope: 'none',
  body: z.strictObject({ token, new_password: password }),
  response: z.object({ email: z.string() }),
});
