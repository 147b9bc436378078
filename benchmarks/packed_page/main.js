/**
 * One model in a page of its own: milliseconds until it is loaded, and until its first answer can be read; bytes that are kept then.
 *
 * @typedef {{backend: string, scripts: string[], wasm: string, model: string, loader: string | null, shape: number[]}} Job
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

async function measured(work) {
  const start = performance.now();
  const value = await work();
  return [performance.now() - start, value];
}

/** @param {Job} job */
globalThis.run = async job => {
  for (const url of job.scripts) await loadScript(url);
  const {tf} = globalThis;
  if (job.backend === 'wasm') tf.wasm.setWasmPaths(job.wasm);
  await tf.setBackend(job.backend);
  await tf.ready();
  if (tf.getBackend() !== job.backend) throw new Error(`asked for ${job.backend}, got ${tf.getBackend()}`);
  const load = job.loader ? (await import(job.loader)).loadModel : null;
  const image = tf.randomNormal(job.shape, 0, 1, 'float32', 1);
  await image.data();

  const [load_ms, model] = await measured(() => (load ? load(job.model, {tf, warmUp: false}) : tf.loadGraphModel(job.model)));
  const [first_ms, answer] = await measured(async () => {
    const answer = model.predict(image);
    await answer.data();
    return answer;
  });
  tf.dispose([answer, image]);
  return {load_ms, first_ms, bytes: tf.memory().numBytes, tensors: tf.memory().numTensors};
};
