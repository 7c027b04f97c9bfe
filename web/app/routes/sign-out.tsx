import { redirect, type ActionFunctionArgs } from '@remix-run/node';
import { logout } from '#server/contracts/auth.ts';
import { ApiError, request as ask } from '#server/contracts/client.ts';

/** Revokes the session; the cookies are removed even when it has already ended. */
export const action = async ({ context }: ActionFunctionArgs) => {
  const headers = new Headers();
  if (context.accessToken) {
    await ask({ base: context.apiUrl, headers: { authorization: `Bearer ${context.accessToken}` } }, logout, {}).catch(
      (error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 401) throw error;
      },
    );
  }
  for (const name of ['omoios_access_token', 'omoios_refresh_token', 'omoios_auth_state'])
    headers.append('set-cookie', `${name}=; Path=/; Max-Age=0; SameSite=Lax`);
  return redirect('/sign-in', { headers });
};

export const loader = () => redirect('/command');
