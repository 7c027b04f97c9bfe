import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { ButtonLink } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { keptText, type KeptText } from '../lib/kept-text.ts';
import { useOrganization, useViewer } from '../lib/viewer.ts';

export const meta: MetaFunction = () => [{ title: 'Billing · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Billing' }] };

const texts: Record<string, { title: string; note: string }> = {
  success: {
    title: 'Back from the payment page',
    note: 'What you paid shows in the account within seconds, once Stripe has told us of it.',
  },
  cancel: { title: 'Nothing was bought', note: 'You left Stripe’s page before the payment, so nothing was taken.' },
};

/** Where Stripe leads back to. */
export const loader = ({ params, request }: LoaderFunctionArgs) => {
  const text = texts[params.outcome ?? ''];
  if (!text) throw new Response(null, { status: 404 });
  const organization = new URL(request.url).searchParams.get('organization');
  return { ...text, organization: organization && /^[0-9a-f-]{36}$/.test(organization) ? organization : null };
};

export default function Outcome() {
  const { title, note, organization } = useLoaderData<typeof loader>();
  const chosen = useOrganization();
  const owner = useViewer().id;
  const [kept, setKept] = useState<KeptText | null>(null);
  useEffect(() => setKept(keptText(owner)), [owner]);
  return (
    <div className="space-y-4">
      <PageTitle title={title} />
      <Card>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-sm">{note}</p>
          <span className="flex flex-wrap gap-2">
            <ButtonLink
              look={kept ? 'secondary' : 'primary'}
              to={`/organizations/${organization ?? chosen.id}/billing`}
            >
              Back to billing
            </ButtonLink>
            {kept && (
              <ButtonLink look="primary" to={kept.page} title={kept.text.slice(0, 200)}>
                Back to your feature
              </ButtonLink>
            )}
          </span>
        </div>
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
