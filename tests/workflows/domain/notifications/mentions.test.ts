import { mentionsIn } from '#workflows/domain/notifications/mentions.ts';

const members = ['ada@example.test', 'grace@example.test', 'grace@other.test', 'jo.do@example.test'].map(
  (email, i) => ({
    id: String(i),
    email,
  }),
);
const emails = (text: string) => mentionsIn(text, members).map(({ email }) => email);

test('a text mentions members by their address or its unique first part, each once', () => {
  expect(emails('@ada and @jo.do. See @ADA!')).toEqual(['ada@example.test', 'jo.do@example.test']);
  expect(emails('(@grace@other.test)')).toEqual(['grace@other.test']);
});

test('a name that nobody has or several have, and an address in a text, mention nobody', () => {
  expect(emails('@grace @nobody write to ada@example.test, @@ada, a.@b')).toEqual([]);
});
