import { eventually } from '#tests/support/api.ts';
import { call } from '#tests/support/scripts.ts';
import { percentile, round } from './numbers.ts';
import { maxAgentsPerOrganization, type Stage } from './stage.ts';

/** The settings of a stage for so many agents. */
export const crowdSettings = (agents: number) => ({
  OMOIOS_QUEUE_ACTIVE_PER_PROJECT: String(agents),
  OMOIOS_MONITORING_ENABLED: 'false',
});

/** Runs many agents at once with a model that answers in two seconds, and measures a turn's time beyond the model's. */
export async function crowd(
  stage: Stage,
  agents: number,
  turns: number,
): Promise<{
  agents: number;
  turns: number;
  seconds: number;
  model_seconds: number;
  overhead_p50_ms: number;
  overhead_p99_ms: number;
}> {
  const delay = 2000;
  stage.script = ({ step }) =>
    step < turns ? { delay_ms: delay, tools: [call('read_file', { path: `notes/${step}.txt` })] } : { hang: true };
  const files = Object.fromEntries(Array.from({ length: turns }, (_, n) => [`notes/${n}.txt`, `${n}\n`]));
  const teams = await Promise.all(
    Array.from({ length: Math.ceil(agents / maxAgentsPerOrganization) }, async () => {
      const api = await stage.signUp();
      return { api, project: (await stage.project(files, api)).id };
    }),
  );
  const began = performance.now();
  for (let n = 0; n < agents; n += 1) {
    const team = teams[n % teams.length] as (typeof teams)[number];
    await stage.quickTicket(team.project, `Agent ${n}`, team.api);
  }
  const asked = () => Array.from({ length: agents }, (_, n) => stage.turnsOf(`Agent ${n}`));
  await eventually('all agents have had their turns', () => asked().every((own) => own.length > turns), 900_000);
  const seconds = (performance.now() - began) / 1000;
  const overheads = asked().flatMap((own) => own.slice(1).map((turn, n) => turn.at - (own[n]?.at ?? 0) - delay));
  return {
    agents,
    turns,
    seconds: round(seconds),
    model_seconds: (turns * delay) / 1000,
    overhead_p50_ms: Math.round(percentile(overheads, 0.5)),
    overhead_p99_ms: Math.round(percentile(overheads, 0.99)),
  };
}
