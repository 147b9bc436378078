/**
 * The page's only door: `run(job)` brings in the runtime that the job names, hands `tf` to the modules,
 * and always answers with plain data, a failure included.
 */

import {failureOf, during} from './failure.mjs';
import {runJob} from './jobs.mjs';

/** @param {string} url a classic script that puts `tf` (or a backend of it) in place */
function loadScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${url} could not be loaded`));
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
      fetch: globalThis.fetch.bind(globalThis),
      now: () => performance.now(),
      navigator: globalThis.navigator,
    });
  } catch (error) {
    return failureOf(error);
  }
};
