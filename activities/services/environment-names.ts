import { githubNames } from './config-github.ts';
import { oauthNames } from './config-oauth.ts';
import { sandboxNames } from './config-sandbox.ts';
import { stripeNames } from './config-stripe.ts';
import { telemetryNames } from './config-telemetry.ts';

/** Environment names that are part of the public contract, each with its setting. */
export const environmentNames: Record<string, string> = {
  PORT: 'server.port',
  OMOIOS_ENV: 'env',
  OMOIOS_DATA_DIR: 'data_dir',
  OMOIOS_REPO_ROOTS: 'repo_roots',
  ALLOW_EMBEDDED: 'allow_embedded',
  DATABASE_URL: 'database.url',
  REDIS_URL: 'redis.url',
  TEMPORAL_ADDRESS: 'temporal.address',
  TEMPORAL_NAMESPACE: 'temporal.namespace',
  TEMPORAL_API_KEY: 'temporal.api_key',
  TEMPORAL_TLS_CERT: 'temporal.tls_cert',
  TEMPORAL_TLS_KEY: 'temporal.tls_key',
  TEMPORAL_CLI: 'temporal.cli',
  TEMPORAL_PORT: 'temporal.port',
  TEMPORAL_UI_PORT: 'temporal.ui_port',
  MODEL_PROVIDER: 'model.provider',
  ANTHROPIC_API_KEY: 'model.api_key',
  ANTHROPIC_AUTH_TOKEN: 'model.auth_token',
  ANTHROPIC_BASE_URL: 'model.base_url',
  OPENAI_API_KEY: 'model.openai_api_key',
  OPENAI_BASE_URL: 'model.openai_base_url',
  OMOIOS_MODEL: 'model.name',
  OMOIOS_JUDGE_MODEL: 'model.judge_name',
  OMOIOS_FALLBACK_MODELS: 'model.fallback_models',
  RUNNER: 'run.runner',
  SANDBOX_PROVIDER: 'sandbox.provider',
  SANDBOX_UNSAFE: 'sandbox.unsafe',
  PREVIEW_ORIGIN: 'preview.origin',
  CODE_HOST: 'code_host.provider',
  SLACK_SIGNING_SECRET: 'notifications.slack_signing_secret',
  MAIL_PROVIDER: 'mail.provider',
  SMTP_URL: 'mail.smtp_url',
  EMBEDDING_PROVIDER: 'embeddings.provider',
  EMBEDDING_BASE_URL: 'embeddings.base_url',
  EMBEDDING_API_KEY: 'embeddings.api_key',
  EMBEDDING_MODEL: 'embeddings.model',
  EMBEDDING_MODEL_PATH: 'embeddings.model_path',
  JWT_SECRET_KEY: 'auth.jwt_secret',
  SECRETS_KEY: 'auth.secrets_key',
  SECRETS_OTHER_KEYS: 'auth.secrets_other_keys',
  ...oauthNames,
  ...githubNames,
  ...sandboxNames,
  ...stripeNames,
  ...telemetryNames,
};

/** The folder of the YAML files, so it cannot be set in them. */
export const configFolderName = 'OMOIOS_CONFIG_DIR';

/** Only the command line reads these. They are listed so that they are not refused as unknown settings. */
export const clientNames = ['OMOIOS_API_KEY', 'OMOIOS_API'];
