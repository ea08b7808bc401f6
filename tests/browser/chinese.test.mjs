// Every page in its states in Simplified Chinese: nothing of the plugin's is left in
// English, and nothing is cut off.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shoot, useWorld } from './harness.mjs';
import { layout, stopPortal } from './harness/layout.mjs';
import { untranslated, wordings } from './harness/untranslated.mjs';
import { catalogue, furnish, statesOf, visit } from './states.mjs';

const world = useWorld();
const text = catalogue('zh-CN');
const english = wordings(catalogue('en'), text);

let ids;
test('there is something of everything', async () => {
  ids = await furnish(world);
});

test('what is left in English is found', async () => {
  const page = await world.page({ user: 'alice' });
  const [list, form] = [statesOf(world, ids, 'alice')[0], statesOf(world, ids, 'alice', 'form')[0]];
  await visit(page, [list, form], catalogue('en'), async ({ name }) => {
    const found = await untranslated(page, english);
    assert.ok(found.length > 15, `${name}: ${found}`);
  });
});

for (const [user, part] of [['alice', 'pages'], ['alice', 'form'], ['admin', 'pages']]) {
  test(`every state of ${user}'s ${part}`, { timeout: 600_000 }, async () => {
    const page = await world.page({ user, locale: 'zh-CN' });
    await stopPortal(page);
    const found = [];
    await visit(page, statesOf(world, ids, user, part), text, async ({ name }) => {
      for (const one of await untranslated(page, english)) found.push(`${name}: in English: ${one}`);
      for (const [width, height] of [[1440, 900], [390, 844], [320, 640]]) {
        await page.setViewportSize({ width, height });
        for (const one of await layout(page)) found.push(`${name}, ${width} px: ${one}`);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
      await shoot(page, `zh-${name}`);
    });
    if (found.length) assert.fail(found.join('\n'));
  });
}
