import type { Page } from 'playwright-core';

/** In the page: the controls that Tab should reach, as elements and their words. */
const inPage = `globalThis.keyStops = () => {
  const native = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=true]';
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0 && !one.closest('[inert], [aria-hidden=true]');
  const words = (one) => one.tagName.toLowerCase() + ' "' + (one.getAttribute('aria-label') || one.textContent || one.getAttribute('name') || one.className || '').trim().slice(0, 60) + '"';
  // Inside these the arrow keys go from one to the next.
  const composite = '[role=tablist], [role=menu], [role=radiogroup], [role=toolbar], [role=listbox], [role=grid], [role=tree]';
  const all = [...document.body.querySelectorAll('*')].filter(shown);
  const stops = all.filter((one) => (one.matches(native) || one.hasAttribute('tabindex')) && one.tabIndex >= 0 && !one.disabled);
  return { native, words, composite, all, stops };
};`;

/** What the pointer can press and the keys cannot reach, and what does not show that it has the focus; a line for each. */
const faults = `(() => {
  const { native, words, composite, all, stops } = keyStops();
  const found = [];
  const reactProps = (one) => one[Object.keys(one).find((key) => key.startsWith('__reactProps$'))] ?? {};
  const pointer = (one) => one !== null && getComputedStyle(one).cursor === 'pointer';
  for (const one of all) {
    const { onClick, onDoubleClick } = reactProps(one);
    const pressed = onClick || onDoubleClick || (pointer(one) && !pointer(one.parentElement));
    // The library of the graph gives each line a handler, which selects the lines that may be selected.
    if (!pressed || one.matches('.react-flow__edge:not(.selectable)')) continue;
    const inside = one.closest(native + ', [tabindex]');
    const label = one.closest('label');
    const reached = (inside && (inside.tabIndex >= 0 || inside.disabled || inside.closest(composite))) || (label && label.control) || one.querySelector(native);
    if (!reached) found.push('only the pointer presses ' + words(one));
  }
  for (const one of all) {
    if (one.tabIndex > 0) found.push('comes before its place: ' + words(one));
    if (one.matches(native) && !one.disabled && one.tabIndex < 0 && !one.closest(composite)) found.push('is passed over by Tab: ' + words(one));
  }
  const looks = (one) => {
    const around = [one, one.parentElement, one.parentElement?.parentElement, ...one.querySelectorAll('*')].filter(Boolean);
    return around.map((part) => {
      const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = getComputedStyle(part);
      return [outlineStyle === 'none' ? '' : outlineWidth, boxShadow, borderColor, backgroundColor].join();
    }).join();
  };
  const had = document.activeElement;
  for (const one of stops) {
    had?.blur?.();
    document.activeElement?.blur?.();
    const before = looks(one);
    one.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement === one && looks(one) === before) found.push('shows no focus: ' + words(one));
  }
  document.activeElement?.blur?.();
  return [...new Set(found)];
})()`;

/** In the page: collects what gets the focus. */
const collect = `(() => {
  globalThis.focused = new Set();
  document.addEventListener('focusin', ({ target }) => focused.add(target), true);
  globalThis.wanted = keyStops().stops;
  // A field for a time or a date has a stop for each of its parts.
  return wanted.length + 4 * wanted.filter((one) => ['time', 'date', 'datetime-local'].includes(one.type)).length;
})()`;
const missed = `(() => {
  const { words } = keyStops();
  const chosen = (one) => one.type === 'radio' && wanted.some((other) => other.type === 'radio' && other.name === one.name && focused.has(other));
  return wanted.filter((one) => one.isConnected && !focused.has(one) && !chosen(one)).map((one) => 'Tab does not reach ' + words(one));
})()`;

/**
 * What keys cannot do on the page that is shown: controls that only the pointer presses, that show no focus, or that Tab
 * does not reach.
 * @param most a page with more stops is not walked by Tab.
 */
export async function keyFaults(page: Page, most = 250): Promise<string[]> {
  await page.evaluate(inPage);
  const found = await page.evaluate<string[]>(faults);
  const stops = await page.evaluate<number>(collect);
  if (stops > most) return found;
  for (let n = 0; n < stops + 2; n += 1) await page.keyboard.press('Tab');
  return [...found, ...(await page.evaluate<string[]>(missed))];
}
