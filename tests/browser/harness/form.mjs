// The form for a new item, which is made in steps.

/** Goes to a step by its name. */
export const step = (page, name) =>
  page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name }).click();

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
