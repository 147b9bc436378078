// Layers models that TensorFlow.js itself makes, runs and saves, by the release that the page loads; node runs it, on the cpu backend.
//
//   node tests/tfjs_made.mjs TF_MIN_JS FOLDER
//
// Writes FOLDER/NAME/ (model.json and weights.bin, as model.save writes them) and FOLDER/NAME.json: the inputs and what predict gives.

import {mkdirSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const [script, folder] = process.argv.slice(2);
const tf = createRequire(import.meta.url)(script);

/** Random weights and statistics, all different: a fresh bias is zero, a fresh variance one. */
function randomize(model) {
  model.setWeights(model.getWeights().map((weight, i) => tf.randomUniform(weight.shape, 0.2, 0.9, 'float32', 100 + i)
      .mul(tf.randomUniform(weight.shape, 0, 1, 'float32', 300 + i).greater(0.3).toFloat().mul(2).sub(1))
      .mul(weight.rank > 1 ? 1 : 0).add(weight.rank > 1 ? 0 : tf.randomUniform(weight.shape, 0.3, 0.8, 'float32', 500 + i))));
  return model;
}

function sequential() {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({filters: 5, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'relu6', inputShape: [7, 6, 3]}));
  model.add(tf.layers.batchNormalization({epsilon: 0.01}));
  model.add(tf.layers.depthwiseConv2d({kernelSize: 2, depthMultiplier: 2, padding: 'valid'}));
  model.add(tf.layers.leakyReLU());
  model.add(tf.layers.separableConv2d({filters: 3, kernelSize: 2, activation: 'hardSigmoid'}));
  model.add(tf.layers.dropout({rate: 0.3}));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({units: 4, activation: 'swish', kernelRegularizer: tf.regularizers.l1l2({l1: 0.01, l2: 0.02}),
    kernelConstraint: tf.constraints.maxNorm({maxValue: 3})}));
  model.add(tf.layers.layerNormalization());
  model.add(tf.layers.dense({units: 3, useBias: false, activation: 'softmax'}));
  return model;
}

/** Two inputs and three outputs; a layer called twice, a nested model, and tensors that wait for one another. */
function functional() {
  const image = tf.input({shape: [6, 5, 2], name: 'image'});
  const row = tf.input({shape: [4], name: 'row'});
  const shared = tf.layers.dense({units: 4, name: 'shared', activation: 'tanh'});
  const inner = tf.sequential({name: 'inner', layers: [
    tf.layers.dense({units: 5, inputShape: [4], activation: 'elu', name: 'inner_dense'}), tf.layers.prelu({name: 'inner_prelu'})]});
  const pooled = tf.layers.globalAveragePooling2d({}).apply(
      tf.layers.maxPooling2d({poolSize: [2, 1]}).apply(tf.layers.conv2d({filters: 4, kernelSize: 3, padding: 'same'}).apply(image)));
  const twice = tf.layers.add().apply([shared.apply(row), shared.apply(pooled)]);
  const nested = inner.apply(twice);
  const both = tf.layers.concatenate({axis: -1}).apply([nested, pooled]);
  const first = tf.layers.dense({units: 2, name: 'first'}).apply(both);
  const second = tf.layers.activation({activation: 'softplus', name: 'second'}).apply(inner.apply(pooled));
  const third = tf.layers.dot({axes: 1, name: 'third'}).apply([twice, row]);
  return tf.model({inputs: [row, image], outputs: [second, first, third]});
}

/** A mask that goes through all that there is: the runtime hands the last one on to whoever asks next. */
function masked() {
  const words = tf.input({shape: [6], dtype: 'int32', name: 'words'});
  const read = tf.layers.embedding({inputDim: 11, outputDim: 4, maskZero: true}).apply(words);
  const forward = tf.layers.lstm({units: 3, returnSequences: true, recurrentActivation: 'sigmoid'});
  const both = tf.layers.bidirectional({layer: forward, mergeMode: 'concat'}).apply(read);
  return tf.model({inputs: words, outputs: tf.layers.gru({units: 4, recurrentActivation: 'sigmoid'}).apply(both)});
}

function recurrent() {
  const numbers = tf.input({shape: [6, 3], name: 'numbers'});
  const lstm = tf.layers.lstm({units: 3, returnState: true, returnSequences: true, recurrentActivation: 'sigmoid', goBackwards: true});
  const [all, hidden, cell] = lstm.apply(numbers);
  const cells = [tf.layers.lstmCell({units: 2, recurrentActivation: 'sigmoid'}), tf.layers.simpleRNNCell({units: 3})];
  const stacked = tf.layers.rnn({cell: cells}).apply(numbers);
  const each = tf.layers.timeDistributed({layer: tf.layers.dense({units: 2, activation: 'relu'})}).apply(numbers);
  const sum = tf.layers.bidirectional({layer: tf.layers.simpleRNN({units: 2}), mergeMode: 'sum'}).apply(all);
  return tf.model({inputs: numbers, outputs: [cell, sum, hidden, stacked, each]});
}

/** The runtime's own default: cells whose gates are its hard sigmoid. */
function hardGates() {
  return tf.sequential({layers: [tf.layers.gru({units: 3, inputShape: [5, 2]}), tf.layers.dense({units: 2})]});
}

const MODELS = {sequential, functional, masked, recurrent, hardGates};

async function save(name, model) {
  randomize(model);
  if (name === 'sequential') model.compile({loss: 'meanSquaredError', optimizer: 'adam'});
  const place = join(folder, name);
  mkdirSync(place, {recursive: true});
  let saved;
  await model.save(tf.io.withSaveHandler(async artifacts => {
    saved = artifacts;
    const {weightData, weightSpecs, ...rest} = artifacts;
    const document = {...rest, weightsManifest: [{paths: ['./weights.bin'], weights: weightSpecs}]};
    writeFileSync(join(place, 'model.json'), JSON.stringify(document));
    writeFileSync(join(place, 'weights.bin'), Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)));
    return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
  }));
  const inputs = model.inputs.map((input, i) => {
    const shape = [3, ...input.shape.slice(1)];
    return input.dtype === 'int32' ? tf.randomUniform(shape, 0, 11, 'int32', 40 + i) : tf.randomUniform(shape, -1, 1, 'float32', 40 + i);
  });
  // the model as whoever loads the file has it
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
  const predicted = loaded.predict(inputs.length === 1 ? inputs[0] : inputs);
  const plain = tensor => ({shape: tensor.shape, dtype: tensor.dtype, data: Array.from(tensor.dataSync())});
  writeFileSync(`${place}.json`, JSON.stringify({
    inputs: Object.fromEntries(inputs.map((tensor, i) => [loaded.inputNames[i], plain(tensor)])),
    outputs: (Array.isArray(predicted) ? predicted : [predicted]).map(plain),
  }));
}

await tf.setBackend('cpu');
for (const [name, make] of Object.entries(MODELS)) await save(name, make());
