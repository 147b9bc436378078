/**
 * Many artifacts, one after another, on one backend. Each answer is posted as soon as it is there, so that a page that hangs
 * or dies costs the artifact that it hung on, and no other.
 *
 * @typedef {{index: number, model: string, inputs: Record<string, object>}} Task
 * @typedef {{backend: string, runtime: {scripts: string[], wasm: string}, outputs: string, tasks: Task[]}} Job
 */

// The product's own modules, from the server's root: this page is served from jobs/<number>/models/0.
import {openBackend} from '../../../../page/backend.mjs';
import {during, failureOf} from '../../../../page/failure.mjs';
import {loadModel} from '../../../../page/model.mjs';
import {loadRuntime} from '../../../../page/runtime.mjs';
import {receiveInputs, sendOutputs} from '../../../../page/tensors.mjs';

/** What the page can't be trusted after: memory of wasm's that was written out of bounds, or a GPU that is gone. */
const FATAL = /memory access out of bounds|unreachable|Aborted|table index|null function|context was lost|device was lost|out of memory|no answer within/i;

const SECONDS = 60;

function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${SECONDS} s`)), SECONDS * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A WebGPU device keeps its complaints: whatever came after one would be blamed for it. */
function isSound(backend) {
  try {
    backend.stillSound();
    return true;
  } catch {
    return false;
  }
}

/** @param {Job} job */
globalThis.run = async job => {
  let world;
  try {
    world = {tf: await loadRuntime(job.runtime), navigator, fetch: globalThis.fetch.bind(globalThis)};
    world.backend = await openBackend(job, world);
  } catch (error) {
    return failureOf(error);
  }

  const answered = async task => {
    const model = await during('model', () => loadModel(task.model, world));
    const inputs = await during('inputs', () => receiveInputs(task.inputs, world));
    await during('inputs', () => model.check(inputs));
    const outputs = await model.run(inputs);
    const described = await during('outputs', () => sendOutputs(outputs, job.outputs + 2 * task.index, world));
    // WebGPU complains late: of a shader that can't be compiled only when its work was to be done
    if (job.backend === 'webgpu') await world.tf.backend().device.queue.onSubmittedWorkDone();
    await during('run', world.backend.stillSound);
    model.release(outputs, inputs);
    model.dispose();
    return {outputs: described};
  };

  for (const task of job.tasks) {
    let result;
    try {
      result = await inTime(answered(task));
    } catch (error) {
      result = failureOf(error);
    }
    const unsound = Boolean(result.failure) && (FATAL.test(result.failure.message) || !isSound(world.backend));
    await fetch(job.outputs + (2 * task.index + 1), {method: 'POST', body: JSON.stringify(result)});
    if (unsound) break;
  }
  return {environment: await world.backend.describe()};
};
