import { failureSignature } from '#workflows/domain/discovery/signature.ts';

test('[DISC-04] a failure is known again whatever path, number, hash or time it comes with', () => {
  const first =
    'TypeError: cannot read "id" of undefined at /srv/a1/src/user.ts:10:4 (run 5b3b8a0c-0000-4000-8000-000000000001, commit 3f2a9c1d, 12.5 s)';
  const again =
    'typeerror:  cannot read "id" of undefined at C:\\tmp\\b2\\user.ts:99 (run 7c3b8a0c-1111-4000-8000-00000000000f, commit 00aa11bb22, 0.3 s)';
  expect(failureSignature(again)).toBe(failureSignature(first));
  expect(failureSignature(first)).toBe('typeerror cannot read id of undefined at run commit s');
  expect(failureSignature('Cannot read "name" of undefined at /srv/a1/src/user.ts:10')).not.toBe(
    failureSignature(first),
  );
  expect(failureSignature('GET http://127.0.0.1:4000/a answers 500')).toBe(
    failureSignature('GET https://example.test/b?x=1 answers 502'),
  );
  expect(failureSignature('The effaced facade was added.')).toBe('the effaced facade was added');
  expect(failureSignature('/tmp/x.log:7 42')).toBe('');
});
