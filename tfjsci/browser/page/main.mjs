/**
 * The page's only door: `run(job)` brings in the runtime that the job names, hands `tf` to the modules,
 * and always answers with plain data, a failure included.
 */

import {failureOf, during} from './failure.mjs';
import {runJob} from './jobs.mjs';

/**
 * @param {string} url a classic script that puts `tf`, a backend of it or an op in place; what it throws while it runs
 *   is thrown here, though the browser itself calls such a script loaded
 */
function loadScript(url) {
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

globalThis.run = async job => {
  try {
    await during('runtime', async () => {
      for (const url of job.runtime.scripts) await loadScript(url);
    });
    return await runJob(job, {
      tf: globalThis.tf,
      loadScript,
      fetch: globalThis.fetch.bind(globalThis),
      now: () => performance.now(),
      navigator: globalThis.navigator,
    });
  } catch (error) {
    return failureOf(error);
  }
};
