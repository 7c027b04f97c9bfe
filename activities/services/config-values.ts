import { z } from 'zod';

/** Kinds of values of settings, as they come from a file or from the environment. */

export const seconds = z.coerce.number().positive().max(31_536_000);
export const share = z.coerce.number().min(0).max(1);
export const count = z.coerce.number().int().nonnegative();
export const positive = z.coerce.number().int().positive();
export const usd = z.coerce.number().positive();
export const text = z.string().min(1);
export const flag = z.preprocess(
  (v) =>
    typeof v === 'string'
      ? ({ '1': true, true: true, yes: true, on: true, '0': false, false: false, no: false, off: false, '': false }[
          v.toLowerCase()
        ] ?? v)
      : v,
  z.boolean(),
);
export const port = z.coerce.number().int().min(1).max(65_535);
export const numbers = z.preprocess(
  (v) => (typeof v === 'string' ? v.split(',').map(Number) : v),
  z.array(z.number().positive()),
);
export const names = z.preprocess(
  (v) =>
    typeof v === 'string'
      ? v
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean)
      : v,
  z.array(z.string()),
);
export const paths = z.preprocess(
  (v) => (typeof v === 'string' ? v.split(':').filter(Boolean) : v),
  z.array(z.string()),
);
const secondsOf = { s: 1, min: 60, h: 3600, d: 86_400 } as const;
/** A number of requests within a time, such as 5/min; `points` 0 means no limit. */
export const rate = z.string().transform((value, context) => {
  if (value === 'off') return { points: 0, seconds: 1 };
  const [, points = '', unit = ''] = /^([1-9]\d{0,6})\/(s|min|h|d)$/.exec(value) ?? [];
  if (!unit) context.addIssue({ code: 'custom', message: 'must be COUNT/s, COUNT/min, COUNT/h, COUNT/d or off' });
  return { points: Number(points), seconds: secondsOf[unit as keyof typeof secondsOf] };
});
/** A setting that never appears in a stored text or a request to a model. */
export const secret = z.string().min(1);
/** The name of an adapter in a port's table. When it is unset, `choices` selects the adapter. */
export const nameIn = (providers: Readonly<Record<string, unknown>>) =>
  text
    .refine((name) => Object.hasOwn(providers, name), {
      error: () => `must be one of ${Object.keys(providers).join(', ')}`,
    })
    .optional();
/** Several of them, separated by commas. */
export const secretList = z.preprocess(
  (v) =>
    typeof v === 'string'
      ? v
          .split(',')
          .map((one) => one.trim())
          .filter(Boolean)
      : v,
  z.array(secret),
);
