import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#tests/support/api.ts';
import type { ToolUse } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { cpuSeconds, processesWith } from './cpu.ts';
import { percentile, round, table } from './numbers.ts';
import { plainModel } from './plain-model.ts';
import { repeatedSteps } from './repeated-steps.ts';
import { maxAgentsPerOrganization, type Stage } from './stage.ts';
import { noteFiles } from './work.ts';

/** Milliseconds that the model takes for an answer. */
const answerMs = 2000;
/** Share of the machine's processors that the crowd is to keep busy. */
const wantedShare = 0.6;
const settleMs = 6000;
const windowMs = 12_000;
const files = 50;

/** The settings of a stage for so many agents. */
export const crowdSettings = (agents: number) => ({
  OMOIOS_QUEUE_ACTIVE_PER_PROJECT: String(agents),
  OMOIOS_MONITORING_ENABLED: 'false',
  // An agent that is not part of the crowd yet waits for the answer to its first request.
  OMOIOS_MODEL_IDLE_TIMEOUT: '3600',
  OMOIOS_MODEL_CALL_TIMEOUT: '3600',
});

export interface Level {
  agents: number;
  /** Share of the machine's processors that the processes took, the database among them, without the model. */
  busy: number;
  /** Milliseconds of processor time a turn. */
  cpu_ms: number;
  turns: number;
  /** Milliseconds of a turn beside the model. */
  p50_ms: number;
  p99_ms: number;
}

/** The agents of a program, as their model sees them: the first request of each is held until it joins the crowd. */
export class Crowd {
  private readonly joining: (() => void)[] = [];
  private readonly answered = new Map<string, { at: number; turn: number }>();
  private overheads: number[] = [];
  private joined = 0;

  /** @param word in the environment of the program's processes. */
  constructor(private readonly word: string) {}

  /** Agents whose first request has come. */
  get size(): number {
    return this.answered.size;
  }

  /** The call of an agent's next turn, when the model has taken its time: a file a turn, and never an end. */
  async nextCall(agent: string): Promise<ToolUse> {
    const before = this.answered.get(agent);
    if (before) this.overheads.push(performance.now() - before.at);
    const turn = before ? before.turn + 1 : 0;
    this.answered.set(agent, { at: Infinity, turn });
    if (!before) await new Promise<void>((join) => this.joining.push(join));
    await sleep(answerMs);
    this.answered.set(agent, { at: performance.now(), turn });
    return call('read_file', { path: `notes/${turn % files}.txt` });
  }

  /** Measures with so many agents in the crowd, which have to wait for it already. */
  async level(agents: number): Promise<Level> {
    for (; this.joined < agents; this.joined += 1) {
      this.joining.shift()?.();
      // Not all in one moment: their turns would stay in step.
      await sleep(answerMs / agents);
    }
    await sleep(settleMs);
    this.overheads = [];
    const [began, before] = [performance.now(), cpuSeconds(this.word)];
    await sleep(windowMs);
    const seconds = (performance.now() - began) / 1000;
    const used = (cpuSeconds(this.word) ?? Number.NaN) - (before ?? Number.NaN);
    const beside = this.overheads;
    return {
      agents,
      busy: round(used / seconds / cpus().length, 2),
      cpu_ms: round((used * 1000) / beside.length),
      turns: beside.length,
      p50_ms: Math.round(percentile(beside, 0.5)),
      p99_ms: Math.round(percentile(beside, 0.99)),
    };
  }

  /** The level that keeps the machine as busy as is wanted. @param gather has so many agents wait, or as many as there are. */
  async find(gather: (agents: number) => Promise<void>, most: number): Promise<Level> {
    for (let wanted = Math.min(20, most); ;) {
      await gather(wanted);
      const level = await this.level(wanted);
      const next = Math.min(most, 3 * level.agents, Math.floor((level.agents * wantedShare) / level.busy));
      // It only grows.
      if (next < level.agents * 1.15) return level;
      wanted = next;
    }
  }
}

export interface CrowdResult {
  levels: { found: Level } & Record<string, Level>;
  /** Steps that a limit of time of the platform began again. */
  begun_again: number;
}

/**
 * Finds the number of agents that keeps the machine busy, and measures the time of a turn with it, with two and five times
 * as many, and without one core.
 * @param most agents at all: what needs more is left out.
 */
export async function ourCrowd(stage: Stage, most: number): Promise<CrowdResult> {
  const { dataDir } = stage.stack.address;
  const crowd = new Crowd(dataDir);
  stage.serveInstead(plainModel((agent) => crowd.nextCall(agent)));
  const teams: { api: Stage['api']; project: string }[] = [];
  let started = 0;
  const gather = async (agents: number) => {
    for (; started < agents; started += 1) {
      const at = Math.floor(started / maxAgentsPerOrganization);
      if (!teams[at]) {
        const api = await stage.signUp();
        teams[at] = { api, project: (await stage.project(noteFiles(files), api)).id };
      }
      const team = teams[at] as (typeof teams)[number];
      await stage.quickTicket(team.project, `Agent ${started}`, team.api);
    }
    await eventually(`${agents} agents wait`, () => crowd.size >= agents, 900_000);
  };
  const found = await crowd.find(gather, most);
  const levels: CrowdResult['levels'] = { found };
  if (cpus().length > 1 && found.agents < most) {
    const spare = oneCoreLess(dataDir);
    levels.one_core_less = await crowd.level(found.agents);
    spare();
  }
  for (const times of [2, 5]) {
    if (found.agents * times > most) break;
    await gather(found.agents * times);
    levels[`${times} times`] = await crowd.level(found.agents * times);
  }
  const result = { levels, begun_again: await repeatedSteps(stage) };
  stage.serveInstead(undefined);
  return result;
}

/** Takes one core away from the processes with a word in their environment. @returns a function that gives it back. */
function oneCoreLess(word: string): () => void {
  const set = (cores: string) => {
    for (const pid of processesWith(word)) {
      try {
        execFileSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'ignore' });
      } catch {
        // It has ended in between.
      }
    }
  };
  const last = cpus().length - 1;
  set(last === 1 ? '0' : `0-${last - 1}`);
  return () => set(`0-${last}`);
}

/** @param peer the level to compare the found one with. */
export function crowdLines(name: string, { levels, begun_again: again }: Partial<CrowdResult>, peer?: Level): string {
  const found = levels?.found.agents ?? 0;
  const rows = Object.entries(levels ?? {}).map(([level, { agents, busy, cpu_ms, turns, p50_ms, p99_ms }]) =>
    [level.replaceAll('_', ' '), agents, busy, cpu_ms, turns, p50_ms, p99_ms].map(String),
  );
  return [
    `${name}: ${found} agents at once keep ${cpus().length} cores busy, model answers in ${answerMs / 1000} s`,
    table([['', 'agents', 'busy', 'CPU ms a turn', 'turns', 'p50 ms beside the model', 'p99 ms'], ...rows]),
    ...(peer ? [`${round(found / peer.agents, 2)} of LangGraph's number.`] : []),
    ...(again === undefined ? [] : [`Steps that a limit of time began again: ${again}.`]),
  ].join('\n');
}
