// The browsers that the tests use.

import { chromium, firefox } from 'playwright-core';

import { given } from './server.mjs';

const CHROMIUM = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts `chromium` or `firefox`, which keeps its files in `folder`. */
export function launch(name, folder) {
  const env = { ...process.env, TMPDIR: folder };
  if (name === 'chromium') return chromium.launch({ executablePath: given('CHROMIUM'), args: CHROMIUM, env });
  // As it comes from the operating system: by WebDriver BiDi, without Playwright's own build.
  return firefox.launch({ channel: 'moz-firefox', executablePath: given('FIREFOX'), env: { ...env, HOME: folder } });
}
