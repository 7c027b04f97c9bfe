import { createHmac } from 'node:crypto';

const sign = (payload: string) => createHmac('sha256', 'strict-openai').update(payload).digest('base64url');

/** Encrypted reasoning: only the account that it was made for can send it back. */
export function reasoningToken(account: string, text: string): string {
  const payload = Buffer.from(JSON.stringify([account, text])).toString('base64url');
  return `gAAA${payload}.${sign(payload)}`;
}

export function isOwnReasoning(token: string, account: string): boolean {
  const [, payload = '', signature] = /^gAAA([^.]*)\.(.*)$/.exec(token) ?? [];
  if (!payload || sign(payload) !== signature) return false;
  const [owner] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown[];
  return owner === account;
}
