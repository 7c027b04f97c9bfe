import { isolationProblem } from '#workflows/domain/agent/isolation.ts';
import { mayUseOwnKeys, needsOwnKeys, planNamed, type BillingRules } from '#workflows/domain/billing/plans.ts';
import type { UsableKey } from '#prisma/store/model-keys.ts';
import { defaultModels, modelProviders, type ModelParts } from '../adapters/model/index.ts';
import { ModelError, type KeyScope, type ModelAccount, type ModelPort, type OwnKey } from '../ports/model.ts';
import type { Outgoing } from '../ports/outgoing.ts';
import { keyContext, type SecretsPort } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import { withMembers } from '../support/with-members.ts';

/** An answer of an own address: bytes, and seconds with its whole stream. */
const limits = { max_bytes: 64 * 1024 * 1024, timeout: 3600 };
/** Clients that are kept, each with its connections. */
const maxClients = 200;

interface KeyParts extends ModelParts {
  store: { modelKeys: Pick<Store['modelKeys'], 'ofWork' | 'sealed'> };
  secrets: SecretsPort;
  outgoing: Outgoing;
  rules: BillingRules;
  /** Whether commands of sandboxes are isolated. */
  isolated: boolean;
}

/** How errors and pages name a key. */
const nameOf = ({ name, owner }: Pick<OwnKey, 'name' | 'owner'>) =>
  `the key “${name}” of ${owner === 'user' ? 'the person who started the work' : 'the organization'}`;

/**
 * A model that is called with the key of the person who started the work, else of the organization, else with the
 * platform's own. The key is decrypted here for a call, and is nowhere else.
 */
export function withOwnKeys(port: ModelPort, parts: KeyParts): ModelPort {
  const { config, store, secrets, outgoing, rules } = parts;
  const clients = new Map<string, ModelPort>();
  const platform = (plan: string, provider: string, unused: string | null): ModelAccount => ({
    provider: port.provider,
    model: config.model.name,
    key: null,
    unused,
    refused: needsOwnKeys(rules, plan)
      ? `The plan ${planNamed(rules, plan).label} works with model keys of the organization or of whoever starts the work, and none is there for ${provider}. Add one on the page Model keys.`
      : null,
    modelFor: (name) => name,
  });

  function whyUnused(plan: string, key: UsableKey): string | undefined {
    if (!mayUseOwnKeys(rules, plan))
      return `The plan ${planNamed(rules, plan).label} has no own keys, so ${nameOf(key)} is not used, and the platform's is.`;
    const unsafe = isolationProblem({ isolated: parts.isolated, scripted: false, unsafe: config.sandbox.unsafe });
    return unsafe && `An own key is not used, and the platform's is: ${unsafe}`;
  }

  async function accountOf(work: KeyScope, provider?: string): Promise<ModelAccount> {
    const { plan, keys: all } = await store.modelKeys.ofWork(work);
    const keys = all.filter((key) => !provider || key.provider === provider);
    const first = keys.find((key) => key.owner === keys[0]?.owner && key.provider === port.provider) ?? keys[0];
    const asked = provider ?? port.provider;
    if (!first) return platform(plan, asked, null);
    const unused = whyUnused(plan, first);
    if (unused) return platform(plan, asked, unused);
    const isMain = first.provider === port.provider;
    const usual = modelProviders[first.provider]?.default_models ?? defaultModels;
    const model = first.model ?? (isMain ? config.model.name : usual.name);
    const small = first.config.small_model ?? first.model ?? (isMain ? undefined : usual.small_name);
    const { id, name, owner, last_four } = first;
    return {
      provider: first.provider,
      model,
      key: { id, name, owner, last_four, provider: first.provider },
      unused: null,
      refused: null,
      modelFor: (wanted) => (wanted === config.model.name ? model : (small ?? wanted)),
    };
  }

  /** The client of a key. Another key or address in its place makes another client. */
  async function clientOf(id: string) {
    const row = await store.modelKeys.sealed(id);
    // The next try looks for the key that is in its place now.
    if (!row) throw new ModelError('server', 'The key of this call has just been removed.');
    const owner: OwnKey = {
      id,
      name: row.name,
      provider: row.provider,
      last_four: row.last_four,
      owner: row.credential.user_id ? 'user' : 'organization',
    };
    const apiKey = secrets.open(row.credential, keyContext(row.credential));
    const version = `${id}:${row.credential.sealed}:${row.base_url}`;
    let client = clients.get(version);
    if (!client) {
      const own = row.base_url ? { base_url: row.base_url, fetch: outgoing.within(limits) } : {};
      client = await modelProviders[row.provider]?.with_key?.({ api_key: apiKey, ...own }, parts);
      if (!client) throw new ModelError('settings', `The provider ${row.provider} takes no own key.`);
      for (const [old] of clients) if (clients.size >= maxClients || old.startsWith(`${id}:`)) clients.delete(old);
      clients.set(version, client);
    }
    return { client, owner, apiKey };
  }

  return withMembers(port, {
    accountOf,
    call: async (request, hooks) => {
      if (!request.key_id) return port.call(request, hooks);
      const { client, owner, apiKey } = await clientOf(request.key_id);
      try {
        return await client.call(request, hooks);
      } catch (error) {
        if (!(error instanceof ModelError) || error.kind === 'aborted') throw error;
        const said = error.message.replaceAll(apiKey, '[redacted]');
        const named = nameOf(owner);
        throw new ModelError(error.kind, `${said} It was asked with ${named}.`, error.retryAfter, {
          key: `${named} (page Model keys)`,
          url: `the address of ${named}`,
          model: `the model of ${named}`,
        });
      }
    },
  });
}
