// The form for a new item, which is made in steps.

/**
 * Waits for the focus, which follows with the next picture: it would take itself away
 * from what is filled in before.
 */
export const arrived = (page) =>
  page.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.id === 'step');

/** Goes to a step by its name. */
export async function step(page, name) {
  await page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name }).click();
  await arrived(page);
}

/** Goes to the step that follows. */
export async function nextStep(page) {
  await page.getByRole('button', { name: 'Continue' }).click();
  await arrived(page);
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
