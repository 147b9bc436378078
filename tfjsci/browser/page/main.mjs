/**
 * The page's only door: `run(job)` brings in the runtime that the job names, hands `tf` to the modules,
 * and always answers with plain data, a failure included.
 */

import {failureOf, during} from './failure.mjs';
import {runJob} from './jobs.mjs';
import {loadRuntime, loadScript} from './runtime.mjs';

globalThis.run = async job => {
  try {
    return await runJob(job, {
      tf: await during('runtime', () => loadRuntime(job.runtime)),
      loadScript,
      fetch: globalThis.fetch.bind(globalThis),
      now: () => performance.now(),
      navigator: globalThis.navigator,
    });
  } catch (error) {
    return failureOf(error);
  }
};
