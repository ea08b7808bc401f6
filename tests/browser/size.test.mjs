// What somebody downloads before the catalogue shows.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';

import { given } from './harness/server.mjs';

const BUDGET = 200_000;

const APP = /^marketplace-[0-9a-f]{16}\.wasm$/;
const READER = /^marketplace-reader-[0-9a-f]{16}\.wasm$/;

test('plugin.js and the wasm of the list fit the budget', async (t) => {
  const folder = given('PLUGIN_DIR');
  const names = (await readdir(folder)).filter((name) => name === 'plugin.js' || name.endsWith('.wasm'));
  assert.equal(names.length, 3, `plugin.js and two modules, not ${names.join(', ')}`);
  let total = 0;
  for (const name of names) {
    const size = brotliCompressSync(await readFile(join(folder, name))).length;
    t.diagnostic(`${name}: ${size} bytes`);
    // `reader.test.mjs` sees to it that this one comes later.
    if (!READER.test(name)) total += size;
  }
  assert.ok(names.some((name) => APP.test(name)) && names.some((name) => READER.test(name)));
  t.diagnostic(`together: ${total} bytes of ${BUDGET}, brotli`);
  assert.ok(total <= BUDGET, `${total} bytes are over the budget of ${BUDGET}`);
});
