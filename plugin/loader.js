// The entry that the portal loads as a classic script: defines <pai-plugin>.
// `cargo xtask` puts APP before it (the names of the files with the app's glue, wasm
// and messages, and the texts of this file by language), and a function around both. A
// browser that cannot run the app has to be able to run this, and say so: it is
// JavaScript of 2009 (ES5), and asks before it takes anything newer.
var script = document.currentScript && document.currentScript.src;

// How long the app waits for what it can do without.
var PATIENCE_MS = 5000;

// The language of the texts: the query says it, or the browser.
function part(tag) {
  return tag.toLowerCase().split("-")[0];
}
function chosenLanguage() {
  var asked = /[?&]lang=([\w-]+)/.exec(script || "");
  var wanted = asked ? [asked[1]] : navigator.languages || [navigator.language || "en"];
  for (var i = 0; i < wanted.length; i++) {
    for (var known in APP.texts) if (part(known) === part(wanted[i])) return known;
  }
  return "en";
}
var language = chosenLanguage();
var texts = APP.texts[language];

// Holds what compilers of wasm use without being asked to, each once.
var WASM =
  "AGFzbQEAAAABBgFgAAJ/fwMCAQAEBAFvAAEFAwEAAQYGAX8BQQALBwUBAWcDAAoXARUAQQBBAEEA/AsAQQDAQwAAAAD8AAs=";
function bytes(text) {
  return Uint8Array.from(atob(text), function (byte) {
    return byte.charCodeAt(0);
  });
}
function isOld() {
  try {
    return !(
      window.customElements &&
      window.AbortController &&
      "replaceSync" in CSSStyleSheet.prototype &&
      "adoptedStyleSheets" in ShadowRoot.prototype &&
      WebAssembly.validate(bytes(WASM))
    );
  } catch (error) {
    return true;
  }
}

function show(root, children) {
  while (root.firstChild) root.removeChild(root.firstChild);
  for (var i = 0; i < children.length; i++) root.appendChild(children[i]);
}
function alertOf(text) {
  var line = document.createElement("p");
  line.lang = language;
  line.setAttribute("role", "alert");
  line.textContent = text;
  return line;
}
function showOld(root) {
  root.style.padding = "24px";
  show(root, [alertOf(texts.old)]);
}

// Where there are no custom elements, nobody tells when the portal appends one.
function watch() {
  var look = function () {
    var all = document.getElementsByTagName("pai-plugin");
    for (var i = 0; i < all.length; i++) if (!all[i].firstChild) showOld(all[i]);
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
}

// Rejects with this if the browser does not understand the app.
var OLD = {};
function loadGlue() {
  return new Promise(function (resolve, reject) {
    var element = document.createElement("script");
    element.src = new URL(APP.glue, script).href;
    // The glue hands itself over; the portal's page does not get to see it.
    element.takeGlue = resolve;
    element.addMessages = addMessages;
    element.onload = function () {
      element.remove();
      reject(OLD);
    };
    element.onerror = function (error) {
      element.remove();
      reject(error);
    };
    document.head.appendChild(element);
  });
}
// The app, loaded once; a failure is forgotten, so that a retry is one.
var loading;
function app() {
  if (!loading) {
    loading = Promise.all([loadGlue(), fetch(new URL(APP.wasm, script))]).then(function (files) {
      return files[0]({ module_or_path: files[1] }).then(function () {
        return files[0];
      });
    });
    loading.catch(function () {
      loading = undefined;
    });
  }
  return loading;
}

// An array of messages, or nothing: that they do not come is no reason to show nothing.
function fetchMessages(file) {
  var patience = new AbortController();
  var timer = setTimeout(function () {
    patience.abort();
  }, PATIENCE_MS);
  var fetched = fetch(new URL(file, script), { signal: patience.signal })
    .then(function (answer) {
      return answer.ok ? answer.json() : undefined;
    })
    .catch(function () {});
  fetched.then(function () {
    clearTimeout(timer);
  });
  return fetched;
}
// English is part of the app. Of another language there are two files: what the app has
// to say by itself, and what chunks add to it.
var files = APP.messages[language] || [];
var table;
function messages() {
  if (!table) table = files[0] ? fetchMessages(files[0]) : Promise.resolve();
  return table;
}
var added;
function addMessages() {
  if (!added) {
    added = messages().then(function (all) {
      if (!all || !files[1]) return;
      return fetchMessages(files[1]).then(function (more) {
        if (more) all.push.apply(all, more);
        // The next chunk tries again.
        else added = undefined;
      });
    });
  }
  return added;
}

// The web portal server replaces this literal, quotes included, by the
// configured address as a JSON string.
var configured = "__MARKETPLACE_API_URL__";
function apiAddress() {
  var here = new URL(script);
  var address = configured.indexOf("__") === 0 ? "" : configured;
  return new URL(here.searchParams.get("api") || address || "api", here).href;
}

// What most visits begin with, the first section of the list: asked for while the app is
// still on its way, as the number of its items, a line break, and what the API answers.
// Nothing if that takes long or fails; the app then asks by itself, and says what is
// wrong.
function ask(api, token, early) {
  if (!token || ["", "#", "#/"].indexOf(location.hash) < 0) return Promise.resolve();
  var timer = setTimeout(function () {
    early.abort();
  }, PATIENCE_MS);
  return fetch(api.replace(/\/+$/, "") + "/items?fields=summary&official=true&limit=24&offset=0", {
    headers: { Accept: "application/json", Authorization: "Bearer " + token },
    signal: early.signal,
  })
    .then(function (answer) {
      if (!answer.ok) return undefined;
      return answer.text().then(function (text) {
        return answer.headers.get("X-Total-Count") + "\n" + text;
      });
    })
    .catch(function () {})
    .then(function (text) {
      clearTimeout(timer);
      return text;
    });
}

// The outline of a page, until the app is there; its colours are those of
// styles/tokens.css.
var OUTLINE = [
  ":host { display: block }",
  ".outline { min-height: calc(100vh - 50px); padding: 0 24px; background: #f3f2f1; --box: #fff; --line: #e1dfdd }",
  ".outline > * { max-width: 1360px; margin: 0 auto }",
  ".bar { height: 44px; margin-bottom: 20px; border-bottom: 1px solid var(--line) }",
  ".title { height: 32px; margin-bottom: 24px }",
  ".title::before { content: ''; display: block; width: 260px; height: 100%; background: var(--line) }",
  ".cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 16px }",
  ".cards i { height: 160px; border: 1px solid var(--line); background: var(--box) }",
  "@media (prefers-color-scheme: dark) {",
  "  .outline { background: #1b1a19; --box: #252423; --line: #3b3a39 }",
  "}",
].join("\n");
function outline() {
  var page = document.createElement("div");
  page.className = "outline";
  page.setAttribute("role", "status");
  page.setAttribute("aria-label", texts.loading);
  ["bar", "title", "cards"].forEach(function (name) {
    page.appendChild(document.createElement("div")).className = name;
  });
  for (var card = 0; card < 8; card++) page.lastChild.appendChild(document.createElement("i"));
  return page;
}

function fail(root, retry) {
  var button = document.createElement("button");
  button.textContent = texts.retry;
  button.onclick = retry;
  root.style.padding = "24px";
  show(root, [alertOf(texts.failed), button]);
}

// Style sheets of the app, made once for all elements.
var sheets = {};
function adopt(shadow, css) {
  var sheet = sheets[css];
  if (!sheet) {
    sheet = sheets[css] = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (shadow.adoptedStyleSheets.indexOf(sheet) < 0) {
    shadow.adoptedStyleSheets = shadow.adoptedStyleSheets.concat(sheet);
  }
}

// What an element has started since it is in the page.
var lives = window.WeakMap && new WeakMap();

function connect(element) {
  var life = { early: new AbortController() };
  end(element);
  lives.set(element, life);
  var api = apiAddress();
  var attribute = function (name) {
    var value = element.getAttribute(name);
    return value === null ? undefined : value;
  };
  var token = attribute("pai-rest-server-token");
  var list = ask(api, token, life.early);
  var shadow = element.shadowRoot || element.attachShadow({ mode: "open" });
  var root = document.createElement("div");
  show(root, [outline()]);
  show(shadow, [root]);
  shadow.adoptedStyleSheets = [];
  adopt(shadow, OUTLINE);
  Promise.all([app(), messages()]).then(
    function (loaded) {
      if (lives.get(element) !== life) return;
      show(root, []);
      shadow.adoptedStyleSheets = [];
      var openpai = attribute("pai-rest-server-uri");
      life.mounted = loaded[0].mount({
        root: root,
        api: api,
        openpai: openpai && new URL(openpai, location.href).href,
        user: attribute("pai-user"),
        token: token,
        list: list,
        adopt: function (css) {
          adopt(shadow, css);
        },
        language: language,
        messages: loaded[1],
      });
    },
    function (error) {
      if (lives.get(element) !== life) return;
      if (error === OLD) return showOld(root);
      fail(root, function () {
        connect(element);
      });
    }
  );
}

// Stops what the element has started.
function end(element) {
  var life = lives.get(element);
  if (!life) return;
  lives.delete(element);
  life.early.abort();
  if (life.mounted) life.mounted.free();
  show(element.shadowRoot, []);
}

// What `class … extends HTMLElement` does, for browsers without `class`.
function Plugin() {
  return Reflect.construct(HTMLElement, [], Plugin);
}
function define() {
  Plugin.prototype = Object.create(HTMLElement.prototype);
  Plugin.prototype.constructor = Plugin;
  Plugin.prototype.connectedCallback = function () {
    connect(this);
  };
  Plugin.prototype.disconnectedCallback = function () {
    end(this);
  };
  customElements.define("pai-plugin", Plugin);
  // The download need not wait for the element.
  app().catch(function () {});
  messages();
}

if (isOld()) watch();
else if (!customElements.get("pai-plugin")) define();
