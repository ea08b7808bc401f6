// The entry that the portal loads as a classic script: defines <pai-plugin>.
// `cargo xtask` puts `script`, its own address, and APP before it (the glue of the
// wasm, and the name of its file), and a function around all that.
// The web portal server replaces this literal, quotes included, by the
// configured address as a JSON string.
const configured = "__MARKETPLACE_API_URL__";
const api = new URL(
  script.searchParams.get("api") ||
    (configured.startsWith("__") ? "" : configured) ||
    "api",
  script,
).href;

// How long the app waits for what it can do without.
const PATIENCE_MS = 5000;

// The app, loaded once; a failure is forgotten, so that a retry is one.
let loading;
const app = () =>
  (loading ??= APP.glue({ module_or_path: new URL(APP.file, script) }).then(
    () => APP.glue,
    (error) => {
      loading = undefined;
      throw error;
    },
  ));

// The language of the texts: the query says it, or the browser. English is part of
// the app; the others are files of APP.messages beside this one. One that does not
// come is no reason to show nothing.
const asked = script.searchParams.get("lang");
const part = (tag) => tag.toLowerCase().split("-")[0];
const language =
  (asked ? [asked] : navigator.languages)
    .map((tag) => ["en", ...Object.keys(APP.messages)].find((known) => part(known) === part(tag)))
    .find(Boolean) ?? "en";
let texts;
const messages = () =>
  (texts ??= (async () => {
    if (language === "en") return undefined;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(new URL(APP.messages[language], script), { signal });
    return answer.ok ? await answer.json() : undefined;
  })().catch(() => undefined));

// The list that most visits begin with: asked for while the app is still on its
// way, as the text that the API answers. Nothing if that takes long or fails; the
// app then asks by itself, and says what is wrong.
const ask = async (token, early) => {
  if (!token || !["", "#", "#/"].includes(location.hash)) return undefined;
  const timer = setTimeout(() => early.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(`${api.replace(/\/+$/, "")}/items?fields=summary&`, {
      headers: { Accept: "application/json", Authorization: `Bearer ${token}` },
      signal: early.signal,
    });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
};

// The outline of a page, until the app is there; its colours are those of
// styles/tokens.css.
const OUTLINE = `
  :host { display: block }
  .outline { min-height: calc(100vh - 50px); padding: 0 24px; background: #f3f2f1; --box: #fff; --line: #e1dfdd }
  .outline > * { max-width: 1360px; margin: 0 auto }
  .bar { height: 44px; margin-bottom: 20px; border-bottom: 1px solid var(--line) }
  .title { height: 32px; margin-bottom: 24px }
  .title::before { content: ""; display: block; width: 260px; height: 100%; background: var(--line) }
  .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 16px }
  .cards i { height: 160px; border: 1px solid var(--line); background: var(--box) }
  @media (prefers-color-scheme: dark) {
    .outline { background: #1b1a19; --box: #252423; --line: #3b3a39 }
  }`;
const outline = () => {
  const page = document.createElement("div");
  page.className = "outline";
  page.setAttribute("role", "status");
  page.setAttribute("aria-label", "Loading");
  for (const name of ["bar", "title", "cards"]) {
    page.append(Object.assign(document.createElement("div"), { className: name }));
  }
  for (let card = 0; card < 8; card++) page.lastChild.append(document.createElement("i"));
  return page;
};

// Style sheets of the app, made once for all elements.
const sheets = new Map();
const adopt = (shadow, css) => {
  if (!sheets.has(css)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(css, sheet);
  }
  const sheet = sheets.get(css);
  if (!shadow.adoptedStyleSheets.includes(sheet)) {
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  }
};

class Plugin extends HTMLElement {
  #mounted;
  #early;
  #life = 0;

  connectedCallback() {
    const life = ++this.#life;
    const token = this.getAttribute("pai-rest-server-token") ?? undefined;
    this.#early?.abort();
    this.#early = new AbortController();
    const list = ask(token, this.#early);
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const root = document.createElement("div");
    root.append(outline());
    shadow.replaceChildren(root);
    shadow.adoptedStyleSheets = [];
    adopt(shadow, OUTLINE);
    Promise.all([app(), messages()]).then(
      ([glue, messages]) => {
        if (life !== this.#life) return;
        root.replaceChildren();
        shadow.adoptedStyleSheets = [];
        const openpai = this.getAttribute("pai-rest-server-uri");
        this.#mounted = glue.mount({
          root,
          api,
          openpai: openpai ? new URL(openpai, location.href).href : undefined,
          user: this.getAttribute("pai-user") ?? undefined,
          token,
          list,
          adopt: (css) => adopt(shadow, css),
          language,
          messages,
        });
      },
      () => {
        if (life === this.#life) this.#fail(root);
      },
    );
  }

  disconnectedCallback() {
    this.#life++;
    this.#early?.abort();
    this.#mounted?.free();
    this.#mounted = undefined;
    this.shadowRoot.replaceChildren();
  }

  #fail(root) {
    const text = document.createElement("p");
    const retry = document.createElement("button");
    text.textContent =
      "The marketplace could not be loaded. Check your connection and try again.";
    text.setAttribute("role", "alert");
    retry.textContent = "Retry";
    retry.onclick = () => this.connectedCallback();
    root.style.padding = "24px";
    root.replaceChildren(text, retry);
  }
}

if (!customElements.get("pai-plugin")) {
  customElements.define("pai-plugin", Plugin);
  // The download need not wait for the element.
  app().catch(() => {});
  messages();
}
