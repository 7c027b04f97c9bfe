import { data, type ActionFunctionArgs } from '@remix-run/node';
import { asTheme, themeHeader } from '../lib/preferences.ts';

export const action = async ({ request }: ActionFunctionArgs) =>
  data({}, { headers: { 'set-cookie': themeHeader(asTheme((await request.formData()).get('theme'))) } });
