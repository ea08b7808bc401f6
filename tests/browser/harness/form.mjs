// The form for a new item, which is made in steps.

/** Goes to a step by its name. */
export async function step(page, name) {
  await page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name }).click();
  // The focus follows with the next picture, and would take itself away from what is filled in before.
  await page.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.id === 'step');
}

/** Looks at all of it, and sends it. */
export async function create(page) {
  await step(page, 'Review');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
}

/** Waits until it is made, and opens its page. */
export async function opened(page, name) {
  await page.getByRole('link', { name: 'Open it' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}
