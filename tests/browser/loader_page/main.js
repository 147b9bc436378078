/**
 * What happens to a model with packed weights in a page, with the loader and without it.
 *
 * @typedef {{backend: string, flags: Record<string, boolean>, runtime: {scripts: string[], wasm: string}, model: string,
 *   loader: string, x: number[][]}} Job
 */

// The product's own modules, from the server's root: this page is served from jobs/<number>/models/0.
import {openBackend} from '../../../../page/backend.mjs';
import {loadRuntime} from '../../../../page/runtime.mjs';

/** All outputs after each other. */
async function valuesOf(answer) {
  const values = await Promise.all([answer].flat().map(tensor => tensor.data()));
  return values.flatMap(each => Array.from(each));
}

async function messageOf(work) {
  try {
    await work();
    return null;
  } catch (error) {
    return String(error?.message ?? error).slice(0, 300);
  }
}

async function withLoader(tf, job, loadModel) {
  const before = tf.memory().numTensors;
  const x = tf.tensor(job.x);
  const bytesBefore = tf.memory().numBytes;
  const model = await loadModel(job.model, {tf});
  const loaded = {tensors: tf.memory().numTensors, bytes: tf.memory().numBytes - bytesBefore};

  const inTidy = tf.tidy(() => model.predict(x));
  const inTidyAgain = tf.tidy(() => model.predict([x]));
  const map = {x: x.clone()};
  const byMap = tf.tidy(() => model.predict(map));
  const keys = Object.keys(map);
  tf.dispose(map);
  const afterwards = tf.tidy(() => model.execute({x}, model.outputNodes));
  const slower = await model.executeAsync({x}, model.outputNodes);
  const predicted = [];
  for (const answer of [inTidy, inTidyAgain, byMap, afterwards, slower]) predicted.push(await valuesOf(answer));
  tf.dispose([inTidy, inTidyAgain, byMap, afterwards, slower]);
  const grown = tf.memory().numTensors - loaded.tensors;

  await model.save('indexeddb://packed');
  const again = await loadModel('indexeddb://packed', {tf});
  const answer = tf.tidy(() => again.predict(x));
  const fromIndexedDb = await valuesOf(answer);
  tf.dispose([answer, x]);
  const told = {inputs: model.inputs.map(({name}) => name), inputNodes: model.inputNodes, isGraphModel: model instanceof tf.GraphModel};
  again.dispose();
  model.dispose();
  return {predicted, keys, grown, fromIndexedDb, ...told, bytes: loaded.bytes, left: tf.memory().numTensors - before};
}

async function withoutLoader(tf, job) {
  const x = tf.tensor(job.x);
  const inTidyFirst = await tf.loadGraphModel(job.model);
  await valuesOf(tf.tidy(() => inTidyFirst.predict(x)));
  const second = await messageOf(async () => valuesOf(tf.tidy(() => inTidyFirst.predict(x))));

  inTidyFirst.dispose();

  const bytesBefore = tf.memory().numBytes;
  const warm = await tf.loadGraphModel(job.model);
  tf.dispose(warm.predict(x));
  const bytes = tf.memory().numBytes - bytesBefore;
  const inTidy = await messageOf(async () => valuesOf(tf.tidy(() => warm.predict(x))));
  await warm.save('indexeddb://bare');
  const again = await tf.loadGraphModel('indexeddb://bare');
  const fromIndexedDb = await valuesOf(again.predict(x));
  again.dispose();
  const map = {x: x.clone()};
  tf.dispose(warm.predict(map));
  const keys = Object.keys(map);
  tf.dispose(map);
  const afterMapIsDisposed = await messageOf(async () => valuesOf(warm.predict(x)));
  return {second, inTidy, inputs: warm.inputs.length, keys: keys.length, afterMapIsDisposed, bytes, fromIndexedDb};
}

/** @param {Job} job */
globalThis.run = async job => {
  try {
    const tf = await loadRuntime(job.runtime);
    for (const [flag, value] of Object.entries(job.flags)) tf.env().set(flag, value);
    await openBackend(job, {tf, navigator});
    const {loadModel} = await import(job.loader);
    return {version: tf.version.tfjs, loader: await withLoader(tf, job, loadModel), bare: await withoutLoader(tf, job)};
  } catch (error) {
    return {failure: String(error?.stack ?? error)};
  }
};
