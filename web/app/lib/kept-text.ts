/**
 * The text of a feature that is not launched yet, with its page. This tab keeps it while the person is away, such as at
 * Stripe's page to pay for it. `owner`: id of the person, since another one may sign in in the same tab.
 */
export interface KeptText {
  text: string;
  page: string;
}

const key = (owner: string) => `omoios_feature_${owner}`;

export function keepText(owner: string, kept: KeptText): void {
  if (kept.text.trim() === '') sessionStorage.removeItem(key(owner));
  else sessionStorage.setItem(key(owner), JSON.stringify(kept));
}

export const keptText = (owner: string): KeptText | null =>
  JSON.parse(sessionStorage.getItem(key(owner)) ?? 'null') as KeptText | null;

export const forgetText = (owner: string): void => sessionStorage.removeItem(key(owner));
