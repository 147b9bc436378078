/** The release that a job names, brought into the page: classic scripts that put `tf` in place, as a user's page loads them. */

/**
 * @param {string} url a classic script that puts `tf`, a backend of it or an op in place; what it throws while it runs
 *   is thrown here, though the browser itself calls such a script loaded
 */
export function loadScript(url) {
  return new Promise((resolve, reject) => {
    const thrown = [];
    const listen = event => thrown.push(event.error ?? new Error(event.message));
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => settle(() => (thrown.length ? reject(thrown[0]) : resolve()));
    script.onerror = () => settle(() => reject(new Error(`${url} could not be loaded`)));
    const settle = answer => {
      globalThis.removeEventListener('error', listen);
      answer();
    };
    globalThis.addEventListener('error', listen);
    document.head.append(script);
  });
}

/**
 * @param {{scripts: string[]}} runtime
 * @returns {Promise<object>} `tf`
 */
export async function loadRuntime({scripts}) {
  for (const url of scripts) await loadScript(url);
  return globalThis.tf;
}
