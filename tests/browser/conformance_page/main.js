/**
 * Runs many small models, one after another, on one backend: what each op really does.
 *
 * A model that throws costs itself only; a wasm kernel that writes out of bounds costs the page, so the test has an
 * addition computed after each case that it expects to fail.
 *
 * @typedef {{name: string, outputs: string[], topology: object, initializer: ?object, weightSpecs: object[], weights: string}} Case
 * @typedef {{backend: string, flags: Record<string, boolean>, runtime: {scripts: string[], wasm: string}, cases: Case[]}} Job
 */

// The product's own modules, from the server's root: this page is served from jobs/<number>/models/0.
import {openBackend} from '../../../../page/backend.mjs';
import {loadRuntime} from '../../../../page/runtime.mjs';

/** JSON has no NaN. */
const plain = value => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);

async function outputsOf(model, names) {
  let answer;
  try {
    answer = model.execute({}, names);
  } catch (error) {
    if (!String(error?.message).includes('model.executeAsync()')) throw error;
    answer = await model.executeAsync({}, names);
  }
  const tensors = Array.isArray(answer) ? answer : [answer];
  return Promise.all(tensors.map(async tensor => {
    const values = await tensor.data();
    return {dtype: tensor.dtype, shape: tensor.shape, values: Array.from(values, plain)};
  }));
}

/** @param {Case} example */
async function runCase(tf, example) {
  const weightData = Uint8Array.from(atob(example.weights), c => c.charCodeAt(0)).buffer;
  const {topology: modelTopology, initializer: modelInitializer, weightSpecs} = example;
  try {
    const model = await tf.loadGraphModel(tf.io.fromMemory({modelTopology, modelInitializer, weightSpecs, weightData}));
    return {name: example.name, outputs: await outputsOf(model, example.outputs)};
  } catch (error) {
    return {name: example.name, threw: String(error?.message ?? error).slice(0, 500)};
  }
}

/** @param {Job} job */
globalThis.run = async job => {
  const tf = await loadRuntime(job.runtime);
  for (const [flag, value] of Object.entries(job.flags)) tf.env().set(flag, value);
  await openBackend(job, {tf, navigator});
  const results = [];
  for (const example of job.cases) results.push(await runCase(tf, example));
  return {kernels: tf.getKernelsForBackend(job.backend).map(kernel => kernel.kernelName), results};
};
