// Stands before what loads the chunks of wasm, in a function of its own, in place of
// the browser's `fetch`: small chunks are parts of one file, which the hash of their
// address names, a proxy that does not know `application/wasm` does no harm, and what
// chunks say is there in the user's language before they are.
const files = new Map();
const whole = (address) => {
  if (!files.has(address)) {
    const file = globalThis.fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
      return answer.arrayBuffer();
    });
    // So that the next one who asks tries again.
    file.catch(() => files.delete(address));
    files.set(address, file);
  }
  return files.get(address);
};
const fetch = async (url) => {
  const [file] = await Promise.all([
    whole(url.href.slice(0, url.href.length - url.hash.length)),
    element.addMessages(),
  ]);
  const [start, end] = url.hash ? url.hash.slice(1).split("-").map(Number) : [];
  return new Response(file.slice(start ?? 0, end), { headers: { "Content-Type": "application/wasm" } });
};
