// The browser that all tests use.

import { chromium } from 'playwright-core';

import { given } from './server.mjs';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium, which keeps its files in `folder`. */
export function launch(folder) {
  return chromium.launch({
    executablePath: given('CHROMIUM'),
    args: ARGUMENTS,
    env: { ...process.env, TMPDIR: folder },
  });
}
