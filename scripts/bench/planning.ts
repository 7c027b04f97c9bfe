import { accessCookie } from '#server/http/authenticate.ts';
import type { Answer } from '#server/contracts/client.ts';
import type { phaseData } from '#server/contracts/specs.ts';
import { openBrowser } from '#tests/e2e/support/chromium.ts';
import { largePlan } from '#tests/support/large-plan.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';
import { percentile, round, timed } from './numbers.ts';
import { crowdedProject } from './crowded.ts';
import type { Stage } from './stage.ts';

const interactions = 20;
/** In the browser: keeps how long each interaction took until the next paint. */
const listen = `globalThis.took = new Map();
new PerformanceObserver((list) => {
  for (const { interactionId: id, duration } of list.getEntries())
    if (id) took.set(id, Math.max(took.get(id) ?? 0, duration));
}).observe({ type: 'event', durationThreshold: 16, buffered: true });`;

/** In the browser: scrolls the first column through so many cards, and answers how many milliseconds each frame took. */
const scrolled = `new Promise((done) => {
  const column = document.querySelector('section[data-column] [role=group]');
  const frames = [];
  let last = performance.now();
  const step = (now) => {
    frames.push(now - last);
    last = now;
    column.scrollTop += 400;
    if (frames.length < 60) requestAnimationFrame(step);
    else done(frames.slice(1));
  };
  requestAnimationFrame(step);
})`;

/**
 * A board of so many tickets in a real browser: milliseconds to the first byte and to the first card, of keys and clicks
 * until the next paint, and of each frame while a column is scrolled.
 */
export async function boardInBrowser(
  stage: Stage,
  cards: number,
): Promise<{
  cards: number;
  first_byte_ms: number;
  first_card_ms: number;
  next_paint_p50_ms: number;
  next_paint_p95_ms: number;
  scroll_frame_p95_ms: number;
}> {
  const api = await stage.signUp();
  const { tickets_of } = await crowdedProject(stage, api, cards, cards, 10);
  const { url } = stage.stack.address;
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addCookies([{ name: accessCookie, value: api.key ?? '', url }]);
    const page = await context.newPage();
    const from = performance.now();
    await page.goto(`${url}/board/${tickets_of}?of=tickets`);
    const column = page.locator('section[data-column]').first();
    await column.getByRole('link').first().waitFor();
    const first_card_ms = round(performance.now() - from);
    const first_byte_ms = round(
      await page.evaluate<number>(
        "(([way]) => way.responseStart - way.requestStart)(performance.getEntriesByType('navigation'))",
      ),
    );
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate(listen);
    const search = page.getByRole('searchbox').first();
    for (let n = 0; n < interactions / 2; n += 1) {
      await page.keyboard.press(n % 2 === 0 ? 'j' : 'l');
      await page.waitForTimeout(100);
    }
    await search.click();
    for (let n = 0; n < interactions / 2; n += 1) {
      await page.keyboard.press(n % 2 === 0 ? 'c' : 'Backspace');
      await page.waitForTimeout(400);
    }
    const frames = await page.evaluate<number[]>(scrolled);
    const took = await page.evaluate<number[]>('[...took.values()]');
    // The browser tells of none below 16 ms.
    const all = [...took, ...Array.from({ length: Math.max(0, interactions - took.length) }, () => 16)];
    return {
      ...{ cards, first_byte_ms, first_card_ms },
      ...{ next_paint_p50_ms: percentile(all, 0.5), next_paint_p95_ms: percentile(all, 0.95) },
      scroll_frame_p95_ms: round(percentile(frames, 0.95)),
    };
  } finally {
    await browser.close();
  }
}

/** Milliseconds until a plan of 60 requirements and 120 tasks is imported, is on the board, and is found there again. */
export async function syncOfLargePlan(stage: Stage): Promise<{ import_ms: number; sync_ms: number; again_ms: number }> {
  const { explore, prd, requirements, design, tasks } = largePlan();
  const { id: project_id } = await stage.project();
  let id = '';
  const import_ms = await timed(async () => {
    const phases = { explore, prd, requirements, design, tasks };
    const spec = { title: 'Export all fields', description: 'All fields as CSV.' };
    ({ id } = await stage.api.post<{ id: string }>('/specs/import', { project_id, spec, phases, force_create: true }));
  });
  const sync = () => stage.api.post(`/specs/${id}/sync`);
  return { import_ms: round(import_ms), sync_ms: round(await timed(sync)), again_ms: round(await timed(sync)) };
}

/** Milliseconds of each phase of a plan beyond the time of its model, which answers at once. */
export async function phaseOverhead(stage: Stage): Promise<{ phases: Record<string, number>; between_ms: number }> {
  stage.script = (request) => (request.context.kind === 'phase' ? planPhase(request) : { hang: true });
  const { id: project_id } = await stage.project(trackerProject);
  const launch = { project_id, title: 'Export tasks', description: 'All tasks as a CSV file.' };
  const { spec_id } = await stage.api.post<{ spec_id: string }>('/specs/launch', { ...launch, plan: 'full' });
  const { phases } = await stage.api.until<Answer<typeof phaseData>>(
    `/specs/${spec_id}/phase-data?brief=true`,
    (data) => data.phases.every(({ status }) => status === 'passed'),
    300_000,
  );
  await stage.api.post(`/specs/${spec_id}/cancel`, {});
  const times = phases.map(({ phase, attempts }) => {
    const last = attempts.at(-1);
    return { phase, from: Date.parse(attempts[0]?.started_at ?? ''), to: Date.parse(last?.ended_at ?? '') };
  });
  const gaps = times.slice(1).map(({ from }, n) => from - (times[n]?.to ?? from));
  return {
    phases: Object.fromEntries(times.map(({ phase, from, to }) => [phase, to - from])),
    between_ms: percentile(gaps, 0.5),
  };
}
