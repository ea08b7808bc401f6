'use strict';

// Loads a plugin as docs/contract.md#how-the-portal-loads-a-plugin has it: a classic script, removed on its load
// event, then the plugin's element in place of the page's content.

function address({ uri, config }) {
  const url = new URL(uri, location.href);
  Object.entries(config).forEach(([key, value]) => url.searchParams.append(key, value));
  return url.href;
}

function pluginElement() {
  const element = document.createElement('pai-plugin');
  element.setAttribute('pai-rest-server-uri', location.origin);
  element.setAttribute('pai-version', '1.8.0');
  if (portal.user && portal.token) {
    element.setAttribute('pai-user', portal.user);
    element.setAttribute('pai-rest-server-token', portal.token);
  }
  return element;
}

async function loadPlugin() {
  const message = document.getElementById('plugin-message');
  const plugins = await (await fetch('/plugins.json')).json();
  const index = Number.parseInt(new URLSearchParams(location.search).get('index'), 10);
  const plugin = plugins[index];
  if (!plugin) {
    portal.show(message, 'The portal has no plugin at this place.');
    return;
  }
  document.title = `${plugin.title} · OpenPAI stand-in`;
  const script = document.createElement('script');
  script.src = address(plugin);
  script.addEventListener('load', () => {
    script.remove();
    document.getElementById('content-wrapper').replaceChildren(pluginElement());
  });
  script.addEventListener('error', () => {
    portal.show(message, `The plugin could not be loaded from ${script.src}.`);
  });
  document.head.append(script);
}

loadPlugin();
