import type { Client } from '@temporalio/client';
import { percentile } from './numbers.ts';

/** A step of a workflow, in milliseconds since 1970. */
export interface Step {
  name: string;
  from: number;
  to: number;
}

type Time = { seconds?: { toString(): string } | null; nanos?: number | null } | null | undefined;
const ms = (time: Time) => Number(String(time?.seconds ?? 0)) * 1000 + (time?.nanos ?? 0) / 1e6;

/**
 * The steps of one workflow: its activities, from the request to the answer; its workflow tasks; its start and its end.
 * @param label names the workflow in the names of the steps.
 */
export async function stepsOf(client: Client, workflowId: string, label: string): Promise<Step[]> {
  const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
  const steps: Step[] = [];
  const open = new Map<string, Step>();
  for (const event of events ?? []) {
    const at = ms(event.eventTime);
    const opens = (id: unknown, name: string) => open.set(String(id), { name: `${label}: ${name}`, from: at, to: at });
    const ends = (id: unknown) => {
      const step = open.get(String(id));
      if (step) steps.push({ ...step, to: at });
    };
    const moment = (name: string) => steps.push({ name: `${label}: ${name}`, from: at, to: at });
    if (event.workflowExecutionStartedEventAttributes) moment('starts');
    if (event.workflowExecutionCompletedEventAttributes) moment('ends');
    if (event.workflowExecutionSignaledEventAttributes)
      moment(`gets ${event.workflowExecutionSignaledEventAttributes.signalName}`);
    if (event.childWorkflowExecutionCompletedEventAttributes) moment('learns of the end');
    if (event.activityTaskScheduledEventAttributes)
      opens(event.eventId, event.activityTaskScheduledEventAttributes.activityType?.name ?? '');
    if (event.activityTaskCompletedEventAttributes) ends(event.activityTaskCompletedEventAttributes.scheduledEventId);
    if (event.workflowTaskScheduledEventAttributes) opens(event.eventId, 'workflow task');
    if (event.workflowTaskCompletedEventAttributes) ends(event.workflowTaskCompletedEventAttributes.scheduledEventId);
  }
  return steps;
}

/**
 * Puts several timelines of the same course together.
 * @param courses for each: the steps, and the moments between which they count.
 * @returns a row a step in the order of their begin: the median begin, end and length in milliseconds after the first moment.
 */
export function medianTimeline(courses: { steps: Step[]; from: number; to: number }[]): string[][] {
  const seen = new Map<string, { from: number[]; to: number[] }>();
  for (const { steps, from, to } of courses) {
    const counts = new Map<string, number>();
    for (const step of [...steps].sort((a, b) => a.from - b.from)) {
      if (step.to < from - 1 || step.from > to) continue;
      const nth = (counts.get(step.name) ?? 0) + 1;
      counts.set(step.name, nth);
      const name = nth === 1 ? step.name : `${step.name} ${nth}`;
      const times = seen.get(name) ?? { from: [], to: [] };
      times.from.push(step.from - from);
      times.to.push(step.to - from);
      seen.set(name, times);
    }
  }
  const median = (values: number[]) => Math.round(percentile(values, 0.5));
  return [...seen]
    .filter(([, { from }]) => from.length > courses.length / 2)
    .map(([name, { from, to }]) => ({ name, from: median(from), to: median(to) }))
    .sort((a, b) => a.from - b.from || a.to - b.to)
    .map(({ name, from, to }) => [name, String(from), String(to), String(to - from)]);
}
