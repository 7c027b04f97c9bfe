import { useLocation } from '@remix-run/react';
import { oauthConnect, oauthConnected, oauthDisconnect, oauthProviders } from '#server/contracts/oauth.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';

/** Accounts at providers by which the person signs in; nothing where the installation has no provider. */
export function Connections() {
  const offered = useAnswer(oauthProviders, {});
  const connected = useAnswer(oauthConnected, {});
  const connect = useCommand(oauthConnect);
  const disconnect = useCommand(oauthDisconnect);
  const { pathname, search } = useLocation();
  if (!offered.answer || !connected.answer || offered.answer.items.length === 0) return null;
  const begin = async (provider: string) => {
    const begun = await connect.run({ params: { provider }, body: { to: `${pathname}${search}` } });
    if (begun) window.location.assign(begun.auth_url);
  };
  const end = async (provider: string) => {
    if (await disconnect.run({ params: { provider } })) await connected.reload();
  };
  return (
    <Card title="Connected accounts">
      <ul className="max-w-md space-y-2">
        {offered.answer.items.map(({ provider, title }) => {
          const account = connected.answer?.items.find((item) => item.provider === provider);
          return (
            <li key={provider} className="flex items-center justify-between gap-3 text-sm">
              <span className="min-w-0 truncate">
                {title} {account && <span className="text-muted">{account.login}</span>}
              </span>
              {account ? (
                <Button
                  size="sm"
                  look="danger"
                  aria-label={`Disconnect ${title}`}
                  busy={disconnect.busy}
                  onClick={() => void end(provider)}
                >
                  Disconnect
                </Button>
              ) : (
                <Button
                  size="sm"
                  aria-label={`Connect ${title}`}
                  busy={connect.busy}
                  onClick={() => void begin(provider)}
                >
                  Connect
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <CommandError error={connect.error ?? disconnect.error} />
    </Card>
  );
}
