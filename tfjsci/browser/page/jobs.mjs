/**
 * A job in, a plain result out. Checking numbers and timing never share a job.
 *
 * @typedef {{tf: object, fetch: typeof fetch, now: () => number, navigator: {hardwareConcurrency: number, gpu?: object}}} World
 * @typedef {{kind: 'probe' | 'predict' | 'time', backend: string, runtime: {scripts: string[], wasm: string},
 *   models: string[], inputs: Record<string, import('./tensors.mjs').Sent>[], outputs: string,
 *   warmup: number, runs: number}} Job
 */

import {openBackend} from './backend.mjs';
import {during, failureOf} from './failure.mjs';
import {loadModel} from './model.mjs';
import {probe} from './probe.mjs';
import {predict} from './predict.mjs';
import {time} from './time.mjs';

const JOBS = {probe, predict, time};

/** @param {Job} job @param {World} world */
export async function runJob(job, world) {
  try {
    const backend = await during('backend', () => openBackend(job, world));
    const load = url => during('model', () => loadModel(url, world));
    const answer = await JOBS[job.kind](job, {...world, backend, load});
    await during('run', backend.stillSound);
    return {environment: await backend.describe(), ...answer};
  } catch (error) {
    return failureOf(error);
  }
}
