/**
 * One model in a page of its own: milliseconds until it is loaded, and until its first answer can be read; bytes that are kept then.
 *
 * @typedef {{backend: string, runtime: {scripts: string[], wasm: string}, model: string, loader: string | null, shape: number[]}} Job
 */

// The product's own modules, from the server's root: this page is served from jobs/<number>/models/0.
import {openBackend} from '../../../../page/backend.mjs';
import {loadRuntime} from '../../../../page/runtime.mjs';

async function measured(work) {
  const start = performance.now();
  const value = await work();
  return [performance.now() - start, value];
}

/** @param {Job} job */
globalThis.run = async job => {
  const tf = await loadRuntime(job.runtime);
  await openBackend({...job, kind: 'time'}, {tf, navigator});
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
