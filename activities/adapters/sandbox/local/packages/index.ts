import { Collector, noPackageSettings, type PackageSettings } from './collect.ts';
import { readCargo, readGo, readMaven, readNpm, readPip, readSimple, readUv } from './readers.ts';

/** Variables with registries, indexes and how clients reach them. Tokens have other names. */
const registries = new RegExp(
  `^(${[
    '(npm_config|NPM_CONFIG)_(registry|REGISTRY)|COREPACK_NPM_REGISTRY|YARN_(NPM_REGISTRY_SERVER|REGISTRY)|BUN_CONFIG_REGISTRY',
    'PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT|RETRIES)',
    'UV_(INDEX_URL|EXTRA_INDEX_URL|DEFAULT_INDEX|INDEX|INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS|PYTHON_INSTALL_MIRROR|HTTP_TIMEOUT)',
    'GO(PROXY|SUMDB|NOSUMDB|PRIVATE|NOPROXY|INSECURE|TOOLCHAIN)',
    'CARGO_(REGISTRIES_\\w+_INDEX|REGISTRY_DEFAULT|SOURCE_\\w+_(REGISTRY|REPLACE_WITH)|HTTP_(CHECK_REVOKE|TIMEOUT)|NET_(RETRY|GIT_FETCH_WITH_CLI))',
    'RUSTUP_(DIST_SERVER|UPDATE_ROOT|AUTO_INSTALL)',
    'BUNDLE_MIRROR__\\S+',
  ].join('|')})$`,
);
const folders = /^(PIP|UV)_FIND_LINKS$/;
const certificates = new RegExp(
  `^(${[
    'SSL_CERT_FILE|NIX_SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_CAINFO',
    'PIP_CERT|CARGO_HTTP_CAINFO|npm_config_cafile|NPM_CONFIG_CAFILE',
  ].join('|')})$`,
);

/**
 * Reads registries, indexes and certificates from the worker's environment and the clients' files. Whatever holds a
 * credential is left out.
 * @param mode `none` takes only the machine's proxy, which stays outside.
 */
export function readPackageSettings(
  environment: Record<string, string | undefined>,
  mode: 'auto' | 'none',
): PackageSettings {
  const collector = new Collector(environment);
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])
    collector.proxy(environment[name] ?? '');
  collector.exceptions(environment.NO_PROXY ?? environment.no_proxy ?? '');
  if (mode === 'none') return { ...noPackageSettings, proxy: collector.settings.proxy };
  for (const [name, value] of Object.entries(environment)) {
    if (!value) continue;
    if (registries.test(name)) collector.variable(name, collector.value(name, value));
    if (folders.test(name)) collector.variable(name, collector.folder(name, value));
    if (certificates.test(name)) collector.variable(name, collector.certificates(name, value));
  }
  readNpm(collector);
  readPip(collector);
  readUv(collector);
  readGo(collector, registries);
  readCargo(collector);
  readMaven(collector);
  readSimple(collector);
  return collector.settings;
}
