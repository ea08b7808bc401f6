// The entry that the portal loads as a classic script: defines <pai-plugin>.
// `cargo xtask bundle` puts APP and READER before it (the wasm-bindgen glue of
// the two modules of wasm, and the names of their files) and a function around
// all that.
const script = new URL(document.currentScript.src);
// The web portal server replaces this literal, quotes included, by the
// configured address as a JSON string.
const configured = "__MARKETPLACE_API_URL__";
const api = new URL(
  script.searchParams.get("api") ||
    (configured.startsWith("__") ? "" : configured) ||
    "api",
  script,
).href;

// A module of wasm that is loaded once, when it is first asked for.
const module = ({ glue, file }) => {
  let ready;
  return () =>
    (ready ??= glue({ module_or_path: new URL(file, script) }).then(
      () => glue,
      (error) => {
        ready = undefined;
        throw error;
      },
    ));
};
const app = module(APP);
// Reads protocols and markdown: the app asks for it when the list shows.
const reader = module(READER);

// The list that most visits begin with: asked for while the app is still on its
// way, as the text that the API answers. Nothing if that takes long or fails; the
// app then asks by itself, and says what is wrong.
const PATIENCE_MS = 5000;
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
    shadow.replaceChildren(root);
    app().then(
      (glue) => {
        if (life !== this.#life) return;
        this.#mounted = glue.mount(
          root,
          api,
          this.getAttribute("pai-user") ?? undefined,
          token,
          reader,
          list,
        );
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
}
