import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { choices, environment, loadConfig, rootDir } from '#activities/services/config.ts';
import { packageFindings } from '#activities/services/sandbox-findings.ts';
import { publicUrl } from '#activities/services/addresses.ts';
import { configuredModels, judgeNote, priceText } from '#workflows/domain/agent/models.ts';
import { diskProblem } from '#activities/support/disk-guard.ts';
import { examine } from '#scripts/prerequisites.mjs';
import type { CliContext } from '../context.ts';
import { paint, table } from '../screen.ts';

interface Finding {
  part: string;
  provider: string;
  state: 'ok' | 'warning' | 'missing' | 'down';
  note: string;
}

/** Checks the programs and the disk that the embedded parts need on this machine. */
async function programs(): Promise<Finding[]> {
  const config = loadConfig();
  const examined = await examine({
    root: rootDir,
    env: { ...environment, OMOIOS_DATA_DIR: config.data_dir, TEMPORAL_CLI: config.temporal.cli },
    stack: !config.temporal.address,
    listens: false,
  });
  const full = diskProblem(config.data_dir, config.sandbox.disk_reserve_mb);
  return [
    ...packageFindings(config).map(({ part, found, state, note }): Finding => ({ part, provider: found, state, note })),
    ...examined.map(({ part, found, state, note }) => ({ part, provider: found, state, note })),
    { part: 'data folder', provider: config.data_dir, state: full ? 'down' : 'ok', note: full ?? '' },
  ];
}

/** The models that agents and judges use: prices, and which of them are unknown or end soon. */
function models(): Finding[] {
  const { model } = loadConfig();
  const judge: Finding = {
    part: 'model.judge_name',
    provider: 'off',
    state: 'ok',
    note: judgeNote(model),
  };
  const named = configuredModels(model, new Date()).map(({ setting, facts, notice }): Finding => {
    const prices = priceText(facts);
    return {
      part: setting,
      provider: facts.id,
      state: notice ? 'warning' : 'ok',
      note: notice ?? (facts.priced_on ? `${prices} (${facts.priced_on})` : prices),
    };
  });
  return model.judge_name ? named : [...named, judge];
}

async function parts(): Promise<Finding[]> {
  const config = loadConfig();
  const chosen = choices(config);
  let ready: { parts?: Record<string, string>; isolated?: boolean } | undefined;
  try {
    ready = (await (
      await fetch(`http://127.0.0.1:${config.server.port}/ready`, { signal: AbortSignal.timeout(5000) })
    ).json()) as typeof ready;
  } catch {
    ready = undefined;
  }
  const application: Finding = {
    part: 'application',
    provider: publicUrl(config),
    state: ready ? 'ok' : 'down',
    note: ready ? '' : 'does not answer; start it with npm start',
  };
  const rows = Object.entries(chosen).map(([part, choice]): Finding => {
    const answer = ready?.parts?.[part];
    const down = answer !== undefined && answer !== 'ok';
    const unsafe = part === 'sandbox' && ready?.isolated === false;
    return {
      part,
      provider: `${choice.provider} (${choice.embedded ? 'embedded' : 'real'})`,
      state: down ? 'down' : unsafe ? 'warning' : ready ? 'ok' : 'down',
      note: down
        ? answer
        : unsafe
          ? 'commands are not isolated: only the rehearsal can run them'
          : part === 'model' && choice.embedded
            ? 'scripted; set ANTHROPIC_API_KEY for a real model'
            : choice.embedded
              ? `for a real one set ${choice.setting}`
              : '',
    };
  });
  return [application, ...rows, ...sdkFindings(config)];
}

/** Whether sandboxes on this machine have the Claude Agent SDK, where it carries on runs. */
function sdkFindings(config: ReturnType<typeof loadConfig>): Finding[] {
  const { run } = config;
  const provider = choices(config).sandbox?.provider ?? 'local';
  if (run.runner !== 'claude-agent-sdk') return [];
  const part = { part: 'run.runner', provider: run.runner };
  if (provider !== 'local')
    return [{ ...part, state: 'ok', note: `it must be in the image of ${provider}: docs/runners.md` }];
  const folder = run.sdk_folder || globalModules();
  const there = existsSync(path.join(folder, '@anthropic-ai/claude-agent-sdk/package.json'));
  const note = there
    ? folder
    : `not in ${folder}: npm install -g @anthropic-ai/claude-agent-sdk zod, or set OMOIOS_RUN_SDK_FOLDER`;
  return [{ ...part, state: there ? 'ok' : 'missing', note }];
}

function globalModules(): string {
  const { stdout } = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' });
  return stdout.trim();
}

export function doctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('show which parts are embedded or real, whether they answer, and what is missing')
    .action(async () => {
      const findings = [...(await parts()), ...models(), ...(await programs())];
      const marks = {
        ok: paint('green', '✓'),
        warning: paint('yellow', '!'),
        missing: paint('red', '✗'),
        down: paint('red', '✗'),
      };
      context.print(findings, table(findings.map((f) => [marks[f.state], f.part, f.provider, f.note])));
      if (findings.some((finding) => finding.state === 'missing' || finding.state === 'down')) process.exitCode = 1;
    });
}
