import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Search attributes by which an operator finds workflows. All are exact-match keywords. */
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

/** Command-line flags of the dev server that register the search attributes. */
export function searchAttributeFlags(): string[] {
  return searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
}
