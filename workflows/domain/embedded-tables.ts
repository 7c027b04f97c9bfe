/** Tables whose rows have a vector, by which texts are compared. */
export const embeddedTables = [
  'specs',
  'tickets',
  'discoveries',
  'task_memories',
  'playbook_entries',
  'mcp_tools',
] as const;
export type EmbeddedTable = (typeof embeddedTables)[number];
