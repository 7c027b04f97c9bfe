import { z } from 'zod';
import { effortLevels, modelFactsSchema, priceSettingSchema } from '#workflows/domain/agent/model-facts.ts';
import { refusedFlags } from '#workflows/domain/features.ts';
import { heartbeatTimeoutSeconds } from '#workflows/contracts/ids.ts';
import { codeHostProviders } from '../adapters/code-host/index.ts';
import { embeddingsSchema } from './config-embeddings.ts';
import { mailProviders } from '../adapters/mail/index.ts';
import { defaultModels, modelProviders } from '../adapters/model/index.ts';
import { sandboxProviders } from '../adapters/sandbox/index.ts';
import { githubSchema } from './config-github.ts';
import { oauthSchema } from './config-oauth.ts';
import { rateLimitSettings } from './config-rate-limits.ts';
import { daytonaSchema, dockerSchema, previewSchema, remoteSandboxSettings } from './config-sandbox.ts';
import { retentionSettings } from './config-retention.ts';
import { exploreSettings, runSettings } from './config-run.ts';
import { billingSettings, nightSettings } from './config-billing.ts';
import { stripeSchema } from './config-stripe.ts';
import { telemetrySchema } from './config-telemetry.ts';
import { monitoringSettings } from './config-monitoring.ts';
import {
  boardSettings,
  diagnosticSettings,
  discoverySettings,
  memorySettings,
  qualitySettings,
  ticketSettings,
} from './config-work.ts';
import {
  count,
  flag,
  nameIn,
  names,
  paths,
  port,
  positive,
  seconds,
  secret,
  secretList,
  share,
  text,
} from './config-values.ts';

const effort = z.enum(effortLevels);

/** Settings that have settings of their own. */
export const nestedSettings = ['model.effort', 'model.fallback'];

/**
 * Every setting with its default: the sections of config/*.yaml, each key also settable as
 * OMOIOS_<SECTION>_<KEY>. Durations are seconds (fractions allowed), money is USD, sizes say their unit.
 */
export const configSchema = z.strictObject({
  env: z.enum(['local', 'test', 'production']).default('local'),
  data_dir: text.default('.omoios'),
  allow_embedded: flag.default(false),
  repo_roots: paths.optional(),

  server: z.strictObject({
    port: port.default(3000),
    host: text.default('127.0.0.1'),
    public_url: z.url().optional(),
    /** Proxies whose X-Forwarded-For names the address of the caller: addresses or networks. Those of this machine need no setting. */
    trusted_proxies: names.default([]),
    log_level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
    shutdown_timeout: seconds.default(10),
    /** build: pages from their build. source: from their sources with hot replacement (npm run dev). none: no pages. */
    web: z.enum(['build', 'source', 'none']).default('build'),
  }),
  database: z.strictObject({
    url: text.optional(),
    pool: positive.default(10),
    pool_timeout: seconds.default(30),
    command_timeout: seconds.default(30),
  }),
  redis: z.strictObject({ url: text.optional() }),
  temporal: z.strictObject({
    address: text.optional(),
    namespace: text.default('default'),
    api_key: secret.optional(),
    tls_cert: text.optional(),
    tls_key: text.optional(),
    cli: text.optional(),
    /** Path of a bundle of the workflow code. When it is unset, the bundle of this checkout is used. */
    workflow_bundle: text.optional(),
    port: port.default(7233),
    ui_port: port.default(8233),
    workflow_task_timeout: seconds.default(3),
    /** How often long work says that it lives; workflows give up on a worker after `heartbeatTimeoutSeconds`. */
    heartbeat: seconds
      .max(heartbeatTimeoutSeconds / 2, `must be at most half of the heartbeat timeout of ${heartbeatTimeoutSeconds} s`)
      .default(2),
    max_cached_workflows: positive.default(600),
    concurrent_workflow_tasks: positive.default(40),
    concurrent_activities: positive.default(200),
    concurrent_model_calls: positive.default(300),
    /** How long the steps under way may go on when a worker is told to end; unset: 120 with an address, otherwise 3. */
    shutdown_grace: z.coerce.number().min(0).max(3600).optional(),
    /** Agents that work on a machine at once. */
    concurrent_agents: positive.default(300),
  }),
  model: z.strictObject({
    provider: nameIn(modelProviders),
    /** Key, token and address of the Messages API, or of a gateway with its interface. The token goes as Bearer. */
    api_key: secret.optional(),
    auth_token: secret.optional(),
    base_url: z.url().optional(),
    /** Key and address of the Responses API, or of a server with its interface. */
    openai_api_key: secret.optional(),
    openai_base_url: z.url().optional(),
    /** Calls under way at a provider, over all processes. */
    concurrent_calls: positive.optional(),
    /** Unset: the provider's own of `default_models`. */
    name: text.default(defaultModels.name),
    small_name: text.default(defaultModels.small_name),
    /** Models of the same provider that a launch may name instead. */
    offered: names.default([]),
    judge_name: text.optional(),
    /**
     * Models that are asked, in order, when the model refuses to answer: `provider:model`, or the id of a model of the
     * same provider. `fallback`: instead of these, by the kind of session. OMOIOS_MODEL_FALLBACK_<KIND> too.
     */
    fallback_models: names.default([]),
    fallback: z
      .strictObject({
        task: names.optional(),
        phase: names.optional(),
        validation: names.optional(),
        merge: names.optional(),
        explore: names.optional(),
      })
      .prefault({}),
    /** At most this many where the model allows them. */
    max_output_tokens: positive.default(64_000),
    /** Without a byte of the provider for so long, a call counts as hung. */
    idle_timeout: seconds.default(300),
    /** The answer must begin within this time. */
    call_timeout: seconds.default(900),
    short_wait: seconds.default(5),
    /** Tries of a call within seconds. After them the run waits, where people see it. */
    max_attempts: positive.max(3, 'must be at most 3').default(3),
    rehearsal_pace: z.coerce.number().min(0).max(60).default(0),
    rehearsal_scenarios: text.optional(),
    cache_ttl: z.enum(['5m', '1h']).default('1h'),
    /** How much a model thinks, by the kind of session; `small`: all single values. OMOIOS_MODEL_EFFORT_<KIND> too. */
    effort: z
      .strictObject({
        task: effort.default('medium'),
        phase: effort.default('high'),
        validation: effort.default('medium'),
        merge: effort.default('medium'),
        explore: effort.default('low'),
        small: effort.default('low'),
      })
      .prefault({}),
    /** A name matches the longest prefix of the model's id. The price holds at every length of the prompt. */
    prices: z.record(z.string(), priceSettingSchema).default({}),
    /** Facts of models by their ids, instead of those in workflows/domain/agent/known-models.ts. */
    known: z.record(z.string(), modelFactsSchema.partial()).default({}),
  }),
  sandbox: z.strictObject({
    provider: nameIn(sandboxProviders),
    unsafe: flag.default(false),
    /** auto: commands get registries, indexes and certificates of the worker's package clients, and no credential. */
    package_settings: z.enum(['auto', 'none']).default('auto'),
    idle_timeout: seconds.default(600),
    release_after: seconds.default(600),
    memory_mb: positive.default(4096),
    file_size_mb: positive.default(1024),
    processes: positive.default(4096),
    log_mb: positive.default(32),
    disk_reserve_mb: positive.default(64),
    setup_timeout: seconds.default(900),
    /** Hosts, host:port, IP addresses or networks that commands with network may reach besides public ones. */
    network_allow: names.default([]),
    /** Address at which a worker's machine reaches the REST interface, for commands with network. `apiUrl` says the default. */
    api_url: z.url({ protocol: /^https?$/ }).optional(),
    /** Set-ups that are kept for the next sandboxes: MB of all together (0: none), and seconds without use. */
    setups_mb: count.default(10_240),
    setups_age: seconds.default(14 * 86_400),
    check_timeout: seconds.default(600),
    ...remoteSandboxSettings,
  }),
  preview: previewSchema,
  daytona: daytonaSchema,
  docker: dockerSchema,
  /** Finding and trying how a repository is set up and checked. A project's settings may have other limits. */
  survey: z.strictObject({
    automatic: flag.default(true),
    check_timeout: seconds.default(1800),
    total_timeout: seconds.default(7200),
    again_below: seconds.default(120),
  }),
  code_host: z.strictObject({ provider: nameIn(codeHostProviders) }),
  embeddings: embeddingsSchema,
  mail: z.strictObject({
    provider: nameIn(mailProviders),
    /** smtp://user:password@host:port, or smtps:// for TLS from the first byte. */
    smtp_url: secret.optional(),
    /** An address, or NAME <ADDRESS>. */
    from: text
      .regex(/^[^\s<>@]+@[^\s<>@]+$|^[^<>@\r\n]+ <[^\s<>@]+@[^\s<>@]+>$/, 'must be ADDRESS or NAME <ADDRESS>')
      .default('OmoiOS <omoios@localhost>'),
  }),
  notifications: z.strictObject({
    /** Seconds for which what happens is gathered, so that it comes in one mail or message. */
    gather: z.coerce.number().min(0).max(3600).default(10),
    /** Hosts at which Slack takes messages for a channel. */
    slack_hosts: names.default(['hooks.slack.com']),
    /** Of the app at Slack: it proves that a pressed button comes from Slack. Without it messages have no buttons. */
    slack_signing_secret: secret.optional(),
  }),
  phase: z.strictObject({
    timeout: seconds.default(900),
    attempts: positive.default(3),
    turns: positive.default(65),
    threshold: share.default(0.7),
    retry_backoff: seconds.default(2),
  }),
  run: runSettings,
  explore: exploreSettings,
  context: z.strictObject({
    compact_at_tokens: positive.default(150_000),
    idle_compact_at_tokens: positive.default(60_000),
    keep_result_tokens: positive.default(40_000),
    clear_at_least_tokens: positive.default(20_000),
    summarise_over_tokens: positive.default(100_000),
  }),
  tools: z.strictObject({
    result_chars: positive.default(30_000),
    command_timeout: seconds.default(120),
    /** A stretch has an hour: a command that begins in it must end in it. */
    command_max_timeout: seconds.max(2400, 'must be at most 2400').default(600),
  }),
  queue: z.strictObject({
    active_per_project: positive.default(5),
    age_ceiling: seconds.default(3600),
    sla_urgency_window: seconds.default(900),
    starvation_limit: seconds.default(7200),
    blocker_ceiling: positive.default(10),
    w_p: share.default(0.45),
    w_a: share.default(0.2),
    w_d: share.default(0.15),
    w_b: share.default(0.15),
    w_r: share.default(0.05),
    sla_boost: z.coerce.number().positive().default(1.25),
    starvation_floor: share.default(0.6),
    holder_check: seconds.default(60),
  }),
  task: z.strictObject({
    max_retries: count.default(3),
    retry_backoff: seconds.default(2),
    validation_rounds: positive.max(10, 'must be at most 10').default(3),
    /** EXEC-39: so often a task that failed for good is fixed by another one before a person is asked; 0: never. */
    fix_rounds: z.coerce.number().int().min(0).max(5).default(0),
    /** EXEC-18: work that its agent has not committed is sent back, unless the project says otherwise. */
    require_clean_git: flag.default(false),
    /** EXEC-18: a task is done only once its repository has its commits; false: its branch may stay behind. */
    require_code_pushed: flag.default(true),
    /** EXEC-18: work is done only with its pull request; false: with its pushed branch. */
    require_pr_created: flag.default(true),
  }),
  discovery: discoverySettings,
  diagnostic: diagnosticSettings,
  memory: memorySettings,
  quality: qualitySettings,
  board: boardSettings,
  ticket: ticketSettings,
  dedup: z.strictObject({
    spec: share.default(0.92),
    requirement: share.default(0.88),
    task: share.default(0.85),
    ticket: share.default(0.85),
  }),
  merge: z.strictObject({
    manual_over_conflicts: positive.default(10),
    resolver_turns: positive.default(40),
  }),
  monitoring: monitoringSettings,
  /** Parts that can be turned off for all organizations. Each organization may turn off what is on here. */
  features: z.strictObject({
    enable_discoveries: flag.default(true),
    enable_validation: flag.default(true),
    enable_guardian: flag.default(true),
    enable_memory: flag.default(true),
    enable_collaboration: flag.default(true),
    ...Object.fromEntries(
      Object.entries(refusedFlags).map(([name, error]) => [`enable_${name}`, z.undefined({ error }).optional()]),
    ),
  }),
  coherence: z.strictObject({
    trajectory_weight: share.default(0.2),
    steering_weight: share.default(0.1),
    phase_weight: share.default(0.1),
    balance_weight: share.default(0.1),
    critical: share.default(0.3),
    warning: share.default(0.5),
    inefficient: share.default(0.7),
    optimal: share.default(0.9),
    duplicate_share: share.default(0.3),
    duplicate_similarity: share.default(0.8),
  }),
  billing: billingSettings,
  night: nightSettings,
  stripe: stripeSchema,
  telemetry: telemetrySchema,
  auth: z.strictObject({
    jwt_secret: secret.optional(),
    secrets_key: secret.optional(),
    /** Further keys that stored secrets may be encrypted with: before and after another SECRETS_KEY. */
    secrets_other_keys: secretList.default([]),
    access_ttl: seconds.default(900),
    refresh_ttl: seconds.default(604_800),
    /** How long pages of other servers get the token that replaced theirs. Programs get it never. */
    page_renewal_grace: seconds.default(10),
    lockout_failures: positive.default(5),
    lockout: seconds.default(900),
    link_ttl: seconds.default(86_400),
    /** How long a sign-in waits for its second factor. */
    challenge_ttl: seconds.default(300),
    /** New accounts wait until an administrator approves them. */
    waitlist: flag.default(false),
    verification_ttl: seconds.default(86_400),
    reset_ttl: seconds.default(3600),
    invitation_ttl: seconds.default(7 * 86_400),
    /** required: an account starts no work before its address is verified. Unset: where mails are sent, and in production. */
    verification: z.enum(['required', 'optional']).optional(),
  }),
  rate_limits: rateLimitSettings,
  oauth: oauthSchema,
  github: githubSchema,
  retention: retentionSettings,
  git: z.strictObject({
    /** Slugs of the organizations for which git signs in by the machine's netrc and ssh agent; `*`: all. */
    machine_credentials: names.optional(),
  }),
  /** Hosts, host:port, IP addresses or networks (10.0.0.0/8) that people may name besides public ones; `*`: all. */
  outbound: z.strictObject({ allow: names.default([]) }),
  live: z.strictObject({ ping: seconds.default(30), max_buffer_kb: positive.default(4096) }),
});

export type Settings = z.output<typeof configSchema>;

/** The values of all settings that are secrets. */
export function secretsOf(settings: Settings): (string | undefined)[] {
  return Object.entries(configSchema.shape).flatMap(([name, section]) => {
    if (!(section instanceof z.ZodObject)) return [];
    const values = settings[name as keyof Settings] as Record<string, string | string[] | undefined>;
    return Object.entries(section.shape).flatMap(([key, field]) => {
      const inner: unknown = field instanceof z.ZodOptional || field instanceof z.ZodDefault ? field.unwrap() : field;
      return inner === secret || inner === secretList ? [values[key] ?? []].flat() : [];
    });
  });
}
