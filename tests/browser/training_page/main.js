/**
 * Layers models that are loaded, and trained for one step more.
 *
 * @typedef {{shape: number[], data: number[]}} Values
 * @typedef {{backend: string, runtime: {scripts: string[], wasm: string}, flags: Record<string, boolean>, models: string[],
 *   x: Values[], y: Values[]}} Job
 */

// The product's own modules, from the server's root: this page is served from jobs/<number>/models/0.
import {openBackend} from '../../../../page/backend.mjs';
import {loadRuntime} from '../../../../page/runtime.mjs';

async function valuesOf(tensor) {
  return {shape: tensor.shape, data: Array.from(await tensor.data())};
}

async function byName(weights) {
  const values = await Promise.all(weights.map(async each => [each.originalName, await valuesOf(each.read())]));
  return Object.fromEntries(values);
}

/** The names of what is trained, in the runtime's order; what the optimizer holds; and all weights after a step more. */
async function trainedOn(tf, address, job) {
  const model = await tf.loadLayersModel(address);
  if (model.optimizer == null) return {optimizer: null};
  const trained = model.trainableWeights.map(weight => weight.originalName);
  const x = job.x.map(({shape, data}) => tf.tensor(data, shape));
  const y = job.y.map(({shape, data}) => tf.tensor(data, shape));
  const {iterations} = model.optimizer;
  await model.trainOnBatch(x, y);
  const weights = await byName(model.weights);
  tf.dispose([x, y]);
  return {optimizer: model.optimizer.getClassName(), iterations, trained, weights};
}

/** @param {Job} job */
globalThis.run = async job => {
  try {
    const tf = await loadRuntime(job.runtime);
    for (const [flag, value] of Object.entries(job.flags)) tf.env().set(flag, value);
    await openBackend(job, {tf, navigator});
    const results = [];
    for (const address of job.models) results.push(await trainedOn(tf, address, job));
    return {results};
  } catch (error) {
    return {failure: String(error?.stack ?? error)};
  }
};
