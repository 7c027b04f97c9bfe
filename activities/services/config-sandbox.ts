import { z } from 'zod';
import { names, port, positive, seconds, secret, text } from './config-values.ts';

const network = text.regex(/^[\w][\w.-]*$/, 'must be the name of a network');

/** What a sandbox on another machine is made from. */
export const remoteSandboxSettings = {
  /** A snapshot that the organization has at the provider: it decides the resources too. It replaces the image. */
  snapshot: text.optional(),
  /** An image with Bash, Git, util-linux and the GNU tools, whose user is root or may use sudo. */
  image: text
    .regex(/^[\w][\w./:@-]*$/, 'must be the name of an image')
    .default('nikolaik/python-nodejs:python3.12-nodejs22'),
  /** Images and snapshots that projects may name for their sandboxes; one that ends with * stands for all that begin so. */
  project_images: names.default([]),
  cpus: positive.max(4).default(2),
  disk_gb: positive.max(10).default(8),
  /** A network of the container engine for commands with network: it decides what they reach. Unset: they are refused. */
  docker_network: network.optional(),
  /** A network of the container engine that reaches nothing but the platform, for the runner in the sandbox. Unset: it has none. */
  docker_platform_network: network.optional(),
};

export const daytonaSchema = z.strictObject({
  api_key: secret.optional(),
  api_url: z.url({ protocol: /^https?$/ }).default('https://app.daytona.io/api'),
});

/** Web apps in sandboxes that people look at. */
export const previewSchema = z.strictObject({
  /**
   * Where browsers reach them: an origin whose host begins with {token}, served by this server, of another site than its
   * pages. Unset: {token}.preview.localhost where the pages are at localhost, otherwise there are none.
   */
  origin: text
    .regex(
      /^https?:\/\/\{token\}\.[a-z0-9.-]+(:\d+)?$/,
      'must be https://{token}.HOST, with another HOST than the pages',
    )
    .optional(),
  port: port.default(3000),
  /** How long the agent's own server is waited for, and after that the start of the project's dev script. */
  wait_seconds: seconds.default(180),
  start_seconds: seconds.default(120),
});

export const dockerSchema = z.strictObject({
  host: text
    .regex(/^(unix:\/\/\/|(tcp|http):\/\/[^/]+$)/, 'must be unix:///PATH or tcp://HOST:PORT')
    .default('unix:///var/run/docker.sock'),
});

export const sandboxNames: Record<string, string> = {
  DAYTONA_API_KEY: 'daytona.api_key',
  DAYTONA_API_URL: 'daytona.api_url',
  DOCKER_HOST: 'docker.host',
};
