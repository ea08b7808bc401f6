// What every page is checked for, and pictures for people to look at.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { given } from './server.mjs';

const WIDTHS = [1440, 390];
const SCHEMES = ['light', 'dark'];
const HEIGHT = 900;

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Asks `holds` again and again until it says yes; half a minute of no is a failure. */
export async function until(holds) {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `did not come true in time: ${holds}`);
    await pause(100);
  }
}

/**
 * Notes what a page must not do: errors in its console, exceptions that
 * nobody catches, requests to another machine.
 */
export class Complaints {
  #heard = [];
  #tolerated = [];

  /** `host` is the only one that the page may talk to. */
  constructor(page, host = '127.0.0.1') {
    page.on('pageerror', (error) => this.#heard.push(`uncaught: ${error.stack ?? error}`));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      this.#heard.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (/^(https?|wss?):$/.test(protocol) && hostname !== host) {
        this.#heard.push(`request to another machine: ${request.url()}`);
      }
    });
  }

  /** Lets pass what a test provokes, such as the console line of a 404. */
  tolerate(pattern) {
    this.#tolerated.push(pattern);
  }

  /** Fails when there was anything that was not to be expected. */
  assertNone() {
    const left = this.#heard.filter((text) => !this.#tolerated.some((pattern) => pattern.test(text)));
    assert.deepEqual(left, []);
  }
}

/**
 * Takes pictures of the whole page, `NAME-WIDTH-SCHEME.png`, for desktop and phone,
 * light and dark, and leaves the page as it was.
 */
export async function shoot(page, name) {
  const folder = given('SCREENSHOTS');
  await mkdir(folder, { recursive: true });
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const path = join(folder, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true, animations: 'disabled' });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

/**
 * Fails on what axe-core finds inside the element `within`, open shadow roots included, if
 * it has one of the `impacts`; all `rules`, or these.
 */
export async function axe(page, within = 'pai-plugin', impacts = ['serious', 'critical'], rules) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await axeSource);
  const violations = await page.evaluate(async ([selector, rules]) => {
    const root = document.querySelector(selector);
    if (!root) throw new Error(`axe: there is no ${selector}`);
    // What still fades in has the contrast of what it will not be.
    const moving = [document, root.shadowRoot].flatMap((scope) => scope?.getAnimations() ?? []);
    const ending = moving.filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((animation) => animation.finished));
    const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
    return (await globalThis.axe.run(root, options)).violations;
  }, [within, rules]);
  const findings = violations
    .filter(({ impact }) => impacts.includes(impact))
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
  assert.deepEqual(findings, []);
}
