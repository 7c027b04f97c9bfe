import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What an operator finds workflows by. All are exact-match keywords. */
export const searchAttributes = {
  org: defineSearchAttributeKey('OmoiosOrg', SearchAttributeType.KEYWORD),
  project: defineSearchAttributeKey('OmoiosProject', SearchAttributeType.KEYWORD),
  spec: defineSearchAttributeKey('OmoiosSpec', SearchAttributeType.KEYWORD),
  ticket: defineSearchAttributeKey('OmoiosTicket', SearchAttributeType.KEYWORD),
  task: defineSearchAttributeKey('OmoiosTask', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('OmoiosPhase', SearchAttributeType.KEYWORD),
  status: defineSearchAttributeKey('OmoiosStatus', SearchAttributeType.KEYWORD),
} as const;

const searchAttributeNames = Object.values(searchAttributes).map((key) => key.name);

/** Flags that register them with the dev server. */
export function searchAttributeFlags(): string[] {
  return searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
}
