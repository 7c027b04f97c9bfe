import { oauthConnect } from '#server/contracts/oauth.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';

/** Leads to GitHub, and from there to a page of this site. */
export function ConnectGithub({ to, again = false }: { to: string; again?: boolean }) {
  const connect = useCommand(oauthConnect);
  // The answer sets a cookie in this browser, without which GitHub's answer is not taken.
  const begin = async () => {
    const begun = await connect.run({ params: { provider: 'github' }, body: { to } });
    if (begun) window.location.assign(begun.auth_url);
  };
  return (
    <div className="space-y-1">
      <Button busy={connect.busy} onClick={() => void begin()}>
        {again ? 'Connect GitHub again' : 'Connect GitHub'}
      </Button>
      <CommandError error={connect.error} />
    </div>
  );
}
