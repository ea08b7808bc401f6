// The ground that browser tests stand on: a stand-in OpenPAI, the marketplace
// and a browser, all of the test file's own, so that files can run side by side.
//
//   const world = useWorld();
//
//   test('the catalogue is there', async () => {
//     const page = await world.page({ user: 'alice' });
//     await world.openMarketplace(page);
//     await shoot(page, 'catalogue');
//   });
//
// Selectors of Playwright look into open shadow roots by themselves. After
// each test its pages are closed, and it fails if one of them complained.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';

import { Complaints } from './harness/checks.mjs';
import { launch } from './harness/browsers.mjs';
import { pylonConfiguration } from './harness/pylon.mjs';
import { freePort, given, scratchFolder, start } from './harness/server.mjs';

export { axe, shoot, until } from './harness/checks.mjs';
export { create, nextStep, opened, step } from './harness/form.mjs';

/**
 * Gives a test file its servers and its browser for as long as it runs.
 * `marketplace: false` starts the portal only; with `pylon: true` nginx stands in
 * front of all of them, as in a cluster, and everything is of one origin. OpenPAI's
 * `scheduler` is `hived` or `default`, the `browser` `chromium` or `firefox`; `settings` are the
 * API's, as environment variables, which are read when it starts.
 */
export function useWorld(options) {
  const world = new World();
  before(() => world.start(options));
  afterEach(() => world.closePages());
  after(() => world.stop());
  return world;
}

/** For what is no test: `start` it, and `stop` it in the end. */
export class World {
  /** Addresses of the servers, without a slash at the end; `portal` is pylon's where there is one. */
  portal;
  api;
  webportal;

  #folder;
  #servers = [];
  #browser;
  #pages = new Map();

  async start({
    marketplace = true,
    pylon = false,
    scheduler = 'hived',
    browser = 'chromium',
    settings = {},
  } = {}) {
    this.#folder = scratchFolder();
    const [portal, api, webportal] = await Promise.all([freePort(), freePort(), freePort()]);
    this.portal = `http://127.0.0.1:${portal}`;
    this.api = `http://127.0.0.1:${api}`;
    this.webportal = `http://127.0.0.1:${webportal}`;
    const add = async (...parts) => this.#servers.push(await start(...parts));
    const openpai = this.portal;
    let plugin = `${this.webportal}/plugin.js`;
    if (pylon) {
      this.portal = `http://127.0.0.1:${await freePort()}`;
      plugin = `${this.portal}/marketplace/plugin.js`;
    }

    const openpaiArguments = ['--listen', `127.0.0.1:${portal}`, '--plugin-uri', plugin, '--scheduler', scheduler];
    // Tests sign in for each call of theirs, as nobody else does.
    openpaiArguments.push('--requests-per-minute', '1000000');
    await add(given('BIN_FAKE_OPENPAI'), openpaiArguments, {
      cwd: this.#folder,
      ready: `${openpai}/login.html`,
    });
    if (marketplace) {
      await add(given('BIN_MARKETPLACE'), ['api'], {
        cwd: this.#folder,
        env: {
          PORT: String(api),
          IDP_URL: openpai,
          DATABASE_URL: `sqlite://${join(this.#folder, 'marketplace.db')}?mode=rwc`,
          ...settings,
        },
        ready: `${this.api}/readyz`,
      });
      await add(given('BIN_MARKETPLACE'), ['webportal'], {
        cwd: this.#folder,
        env: {
          SERVER_PORT: String(webportal),
          MARKETPLACE_API_URL: pylon ? `${this.portal}/marketplace/api` : this.api,
          PLUGIN_DIR: given('PLUGIN_DIR'),
        },
        ready: `${this.webportal}/plugin.js`,
      });
    }
    if (pylon) {
      const configuration = pylonConfiguration(this.#folder, this.portal, {
        portal: openpai,
        api: this.api,
        webportal: this.webportal,
      });
      await add(given('NGINX'), ['-e', join(this.#folder, 'nginx.log'), '-c', configuration], {
        cwd: this.#folder,
        ready: `${this.portal}/login.html`,
      });
    }
    this.#browser = await launch(browser, this.#folder);
  }

  /**
   * A page of a new visitor, signed in when `user` is given. The other
   * options are Playwright's for a browser context.
   */
  async page({ user, ...options } = {}) {
    const context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      ...options,
    });
    const page = await context.newPage();
    this.#pages.set(page, new Complaints(page));
    if (user) await this.signIn(page, user);
    return page;
  }

  /** Signs in on the portal's own page; the demo accounts' passwords are their names. */
  async signIn(page, user) {
    await page.goto(`${this.portal}/login.html`);
    await page.fill('input[name=username]', user);
    await page.fill('input[name=password]', user);
    await Promise.all([
      page.waitForURL((url) => url.pathname !== '/login.html'),
      page.press('input[name=password]', 'Enter'),
    ]);
  }

  /** Opens the plugin at a place of its own, such as `#/create_item`, and waits until it shows. */
  async openMarketplace(page, hash = '') {
    const url = `${this.portal}/plugin.html?index=0${hash}`;
    await page.goto(url);
    await page.waitForFunction(() => document.querySelector('pai-plugin')?.shadowRoot?.textContent.trim());
  }

  /** Waits until nothing of the list is left to come: its filters are a part that loads later. */
  async wholeList(scope) {
    await scope.getByRole('article').nth(11).waitFor();
    await scope.getByRole('form', { name: 'Filters' }).getByRole('checkbox').first().waitFor();
    await scope.locator('.facets fieldset').nth(1).waitFor();
    await scope.locator('.bell').waitFor();
    await scope.locator('.results article:not(:has(.star))').first().waitFor({ state: 'detached' });
  }

  /** Opens each of an item's tabs, waits until its part has come, and looks. */
  async everyTab(page, look = () => {}) {
    const panel = page.getByRole('tabpanel');
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await panel.locator(':scope > *').first().waitFor();
      await panel.getByText('Loading', { exact: true }).first().waitFor({ state: 'detached' });
      await look(tab);
    }
  }

  /** Lets a page's complaints pass that match: for tests that provoke them. */
  tolerate(page, pattern) {
    this.#pages.get(page).tolerate(pattern);
  }

  /** A token as the portal's login page gets it. */
  async token(user) {
    const answer = await fetch(`${this.portal}/api/v2/authn/basic/login`, {
      method: 'POST',
      body: new URLSearchParams({ username: user, password: user }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()).token;
  }

  /** Calls the API as `user`, for what a test takes as given; a status that is not 2xx fails. */
  async call(user, method, path, body) {
    const answer = await fetch(`${this.api}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${await this.token(user)}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    const isJson = answer.headers.get('content-type')?.includes('json');
    return isJson ? JSON.parse(text) : text;
  }

  /**
   * Moves what nothing moves by itself: `jobs/USER~JOB` with a state or a warning,
   * `limits`, `faults` (fake-openpai says what it takes).
   */
  async control(path, body) {
    const answer = await fetch(`${this.portal}/__${path}`, {
      method: body ? 'PUT' : 'DELETE',
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 204, await answer.text());
  }

  async closePages() {
    const pages = [...this.#pages];
    this.#pages.clear();
    await Promise.all(pages.map(([page]) => this.closePage(page)));
    pages.forEach(([, complaints]) => complaints.assertNone());
  }

  /** Ends a page and its user's session, whatever it is still asking for. */
  async closePage(page) {
    if (!page.isClosed()) await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.context().close();
  }

  async stop() {
    await this.#browser?.close();
    await Promise.all(this.#servers.map((server) => server.stop()));
  }
}
