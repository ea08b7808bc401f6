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

class Plugin extends HTMLElement {
  #mounted;
  #life = 0;

  connectedCallback() {
    const life = ++this.#life;
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
          this.getAttribute("pai-rest-server-token") ?? undefined,
          reader,
        );
      },
      () => {
        if (life === this.#life) this.#fail(root);
      },
    );
  }

  disconnectedCallback() {
    this.#life++;
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
