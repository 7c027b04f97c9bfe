import { z } from 'zod';

/** What a process in a sandbox may report (EXEC-19). A report is a claim: it is shown, and changes no state. */
export const sandboxEventTypes = [
  ...['agent.started', 'agent.assistant_message', 'agent.thinking', 'agent.message', 'agent.user_message'],
  ...['agent.tool_use', 'agent.tool_result', 'agent.user_tool_result', 'agent.tool_completed', 'agent.file_edited'],
  ...['agent.subagent_invoked', 'agent.subagent_completed', 'agent.skill_invoked', 'agent.skill_completed'],
  ...['agent.message_injected', 'agent.interrupted', 'agent.waiting', 'agent.shutdown', 'agent.heartbeat'],
  ...['agent.error', 'agent.stream_error', 'agent.completed', 'continuous.started', 'continuous.completed'],
  ...['iteration.started', 'iteration.completed', 'iteration.failed', 'iteration.completion_signal'],
  ...['iteration.validation', 'spec.criterion_met'],
];

export const sandboxEventSources = ['agent', 'worker', 'system'] as const;

/** Bytes of an event's data as JSON: a whole diff of 50,000 characters has room. */
export const maxSandboxEventBytes = 65_536;
/** Reports that are kept of one run. */
export const maxSandboxEvents = 5000;

export const sandboxEventData = z.object({
  sandbox_id: z.string(),
  /** The reporter's own id of it, unique in the run. */
  event_id: z.string(),
  event_type: z.string(),
  source: z.enum(sandboxEventSources),
  event_data: z.record(z.string(), z.unknown()),
  /** Who reported it: the e-mail address of a person, or the agent of the run. */
  by: z.string(),
});
