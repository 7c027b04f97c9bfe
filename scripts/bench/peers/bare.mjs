// A loop over the model's SDK, as anybody writes it first: nothing is kept, nothing survives.
import { ask, callsOf, first, keepFiles, report, use } from './work.mjs';

const messages = [...first];
for (;;) {
  const content = await ask(messages);
  messages.push({ role: 'assistant', content });
  const calls = callsOf(content);
  if (calls.length === 0) break;
  const results = [];
  for (const call of calls) results.push(await use(call));
  await keepFiles(calls);
  messages.push({ role: 'user', content: results });
}
report();
