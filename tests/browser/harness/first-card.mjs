// How long a visitor waits for the first card of the list.

/**
 * Milliseconds from the start of the navigation to the first card on the screen: of new
 * visitors, whose browser has nothing of the plugin yet, and of each of them once more.
 */
export async function firstCard(world, rounds) {
  const seen = async (page) => {
    const found = await page.waitForFunction(() => {
      const card = document.querySelector('pai-plugin')?.shadowRoot?.querySelector('.results article');
      return card?.getClientRects().length > 0 && performance.now();
    });
    return found.jsonValue();
  };
  const times = { cold: [], warm: [] };
  for (let round = 0; round < rounds; round++) {
    const page = await world.page({ user: 'alice' });
    await world.openMarketplace(page);
    times.cold.push(await seen(page));
    await world.wholeList(page);
    await page.reload();
    times.warm.push(await seen(page));
    await world.closePage(page);
  }
  return times;
}
