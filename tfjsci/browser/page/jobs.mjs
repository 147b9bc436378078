/**
 * A job in, a plain result out. Checking numbers and timing never share a job.
 *
 * @typedef {{tf: object, fetch: typeof fetch, loadScript: (url: string) => Promise<void>, now: () => number,
 *   navigator: {hardwareConcurrency: number, gpu?: object}}} World
 * @typedef {{kind: 'probe' | 'predict' | 'intermediates' | 'time' | 'catalog', backend: string, runtime: {scripts: string[], wasm: string},
 *   custom: import('./custom.mjs').CustomScript[], models: string[],
 *   inputs: Record<string, import('./tensors.mjs').Sent>[], outputs: string, warmup: number, runs: number,
 *   tensors?: string[], examples?: string, backends?: string[]}} Job `tensors` is what an intermediates job asks for,
 *   `examples` (an address) and `backends` are what a catalog job asks with
 */

import {openBackend} from './backend.mjs';
import {catalog} from './catalog.mjs';
import {registerCustomOps} from './custom.mjs';
import {during, failureOf} from './failure.mjs';
import {intermediates} from './intermediates.mjs';
import {loadModel} from './model.mjs';
import {probe} from './probe.mjs';
import {predict} from './predict.mjs';
import {time} from './time.mjs';

const JOBS = {probe, predict, intermediates, time, catalog};

/** @param {Job} job @param {World} world */
export async function runJob(job, world) {
  try {
    const backend = await during('backend', () => openBackend(job, world));
    await during('custom', () => registerCustomOps(job, world));
    const load = url => during('model', () => loadModel(url, world));
    const answer = await JOBS[job.kind](job, {...world, backend, load});
    await during('run', backend.stillSound);
    return {environment: await backend.describe(), ...answer};
  } catch (error) {
    return failureOf(error);
  }
}
