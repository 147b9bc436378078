/**
 * Runs many small models, one after another, on one backend: what each op really does.
 *
 * A model that throws costs itself only; a wasm kernel that writes out of bounds costs the page, so the test has an
 * addition computed after each case that it expects to fail.
 *
 * @typedef {{name: string, outputs: string[], topology: object, initializer: ?object, weightSpecs: object[], weights: string}} Case
 * @typedef {{backend: string, forward: boolean, scripts: string[], wasm: string, cases: Case[]}} Job
 */

function loadScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${url} could not be loaded`));
    document.head.append(script);
  });
}

async function open(job) {
  for (const url of job.scripts) await loadScript(url);
  const {tf} = globalThis;
  if (job.backend === 'wasm') tf.wasm.setWasmPaths(job.wasm);
  // Small tensors would otherwise be computed on the CPU, and the GPU's kernels never be seen.
  if (job.backend === 'webgl' && !job.forward) tf.env().set('WEBGL_CPU_FORWARD', false);
  if (job.backend === 'webgpu' && !job.forward) tf.env().set('WEBGPU_CPU_FORWARD', false);
  const accepted = await tf.setBackend(job.backend);
  await tf.ready();
  if (!accepted || tf.getBackend() !== job.backend) throw new Error(`asked for ${job.backend}, got ${tf.getBackend()}`);
  return tf;
}

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
  const tf = await open(job);
  const results = [];
  for (const example of job.cases) results.push(await runCase(tf, example));
  return {kernels: tf.getKernelsForBackend(job.backend).map(kernel => kernel.kernelName), results};
};
