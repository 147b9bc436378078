/**
 * A model as its signature describes it: inputs and outputs by the names of the original model, in their order. A graph
 * model, or a layers model, which is run as `predict` runs it.
 */

import {during} from './failure.mjs';

/** What the executor says when a graph needs `executeAsync` (control flow, dynamic shapes, hash tables). */
const NEEDS_ASYNC = 'model.executeAsync()';

/**
 * Reads each answer whole before it is handed on: the runtime asks for all shards at once and reads none before all
 * have answered, which waits forever where a browser allows six connections and buffers nothing.
 */
function drained(fetch) {
  return async (url, init) => {
    const answer = await fetch(url, init);
    return new Response(await answer.arrayBuffer(), {status: answer.status, statusText: answer.statusText, headers: answer.headers});
  };
}

const isTold = entries => Object.keys(entries ?? {}).length > 0;

/** Entries with a `resourceId` are fed by the model's own initializer. */
const namesIn = entries => Object.keys(entries).filter(name => entries[name].resourceId == null);

/**
 * @typedef {{run: (inputs: Record<string, object>, wanted?: string[]) => Promise<{name: string, tensor: object}[]>,
 *   check: (inputs: Record<string, object>) => void, release: (outputs: {tensor: object}[], inputs: Record<string, object>) => void,
 *   isAsync: () => boolean, dispose: () => void}} Model
 * `run` gives the outputs, or the tensors `wanted` of a graph model (`node:0`), whichever node makes them.
 * @param {string} url of model.json
 * @returns {Promise<Model>}
 */
export async function loadModel(url, world) {
  const read = drained(world.fetch);
  const answer = await read(url);
  const text = await answer.text();
  // the runtime asks for what has come already: once is enough
  const fetchFunc = async (address, init) => (address === url ? new Response(text, answer) : read(address, init));
  return isLayersModel(text) ? loadLayers(url, fetchFunc, world.tf, text) : loadGraph(url, fetchFunc, world.tf);
}

function isLayersModel(text) {
  try {
    return JSON.parse(text).format === 'layers-model';
  } catch {
    return false; // the runtime says what is wrong with it
  }
}

function checkNames(inputs, inputNames) {
  const given = Object.keys(inputs);
  const missing = inputNames.filter(name => !given.includes(name));
  const unknown = given.filter(name => !inputNames.includes(name));
  if (missing.length || unknown.length) {
    throw new Error(`the model takes inputs ${JSON.stringify(inputNames)}, but was given ${JSON.stringify(given)}`);
  }
}

/** Inputs and outputs by position, under the names of the file's signature, or the layers' own where it has none. */
async function loadLayers(url, fetchFunc, tf, text) {
  const model = await tf.loadLayersModel(url, {fetchFunc});
  if (!model.inputNames.length) model.build(); // a Sequential without weights, which else is built when it first predicts
  const {signature} = JSON.parse(text);
  const inputNames = signature?.inputs ? Object.keys(signature.inputs) : model.inputNames;
  const outputNames = signature?.outputs ? Object.keys(signature.outputs) : model.outputNames;

  return {
    isAsync: () => false,

    check: inputs => checkNames(inputs, inputNames),

    run: (inputs, wanted) => during('run', async () => {
      if (wanted) throw new Error('a layers model has no nodes that can be asked for');
      const answer = model.predict(inputNames.map(name => inputs[name]));
      const tensors = Array.isArray(answer) ? answer : [answer];
      return outputNames.map((name, index) => ({name, tensor: tensors[index]}));
    }),

    release(outputs, inputs) {
      const kept = new Set(Object.values(inputs).map(tensor => tensor.id));
      for (const {tensor} of outputs) if (!kept.has(tensor.id)) tensor.dispose();
    },

    dispose: () => model.dispose(),
  };
}

async function loadGraph(url, fetchFunc, tf) {
  const model = await tf.loadGraphModel(url, {fetchFunc});
  const {inputs, outputs} = model.modelSignature ?? {};
  // frozen graphs have none, or one without inputs: then the runtime looks at the graph
  const inputNames = isTold(inputs) ? namesIn(inputs) : model.inputs.map(({name}) => name);
  const outputNames = isTold(outputs) ? namesIn(outputs) : model.outputs.map(({name}) => name);
  let isAsync = false;

  return {
    isAsync: () => isAsync,

    check: inputs => checkNames(inputs, inputNames),

    run: (inputs, wanted = outputNames) => during('run', async () => {
      // A map of its own each time, since the runtime writes the initializer's tensors into it; and outside of tidy,
      // which would free them after the first run.
      let answer;
      if (!isAsync) {
        try {
          answer = model.execute({...inputs}, wanted);
        } catch (error) {
          if (!String(error?.message).includes(NEEDS_ASYNC)) throw error;
          isAsync = true;
        }
      }
      if (isAsync) answer = await model.executeAsync({...inputs}, wanted);
      const tensors = Array.isArray(answer) ? answer : [answer];
      return wanted.map((name, index) => ({name, tensor: tensors[index]}));
    }),

    release(outputs, inputs) {
      // An output may be an input or a weight itself, handed through.
      const kept = new Set(Object.values(inputs).map(tensor => tensor.id));
      for (const tensors of Object.values(model.weights)) for (const tensor of tensors) kept.add(tensor.id);
      for (const {tensor} of outputs) if (!kept.has(tensor.id)) tensor.dispose();
    },

    dispose: () => model.dispose(),
  };
}
