/** The loader for pages: what it makes of packed weights, bit for bit, and what it does with a runtime of a few lines. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {loadModel, unpacked} from '../../tfjsci/artifact/tfjsci-loader.mjs';
import {fakeTf} from './fake_tf.mjs';

const FLOAT = {dtype: {type: 'DT_FLOAT'}};
const bytes = {dtype: 'uint8', scale: 1, min: 0};
const node = (op, name, ...input) => ({op, name, input, attr: {}});
const shapeOf = (...sizes) => ({dim: sizes.map(size => ({size: String(size)}))});
const number = (name, resourceId, ...sizes) => ({name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: shapeOf(...sizes), resourceId});

/** Weights as `[name, shape, dtype, quantization, values]` -> what a handler loads of them. */
function stored(weights) {
  const arrays = {float32: Float32Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array, float16: Uint16Array};
  const parts = weights.map(([, , dtype, quantization, values]) =>
    dtype === 'string' ? Buffer.concat(values.map(text => Buffer.concat([Buffer.from(Uint32Array.of(text.length).buffer), Buffer.from(text)])))
      : Buffer.from(arrays[(quantization ?? {dtype}).dtype].from(values).buffer));
  const weightSpecs = weights.map(([name, shape, dtype, quantization]) => ({name, shape, dtype, ...(quantization && {quantization})}));
  const all = Buffer.concat(parts);
  return {weightSpecs, weightData: all.buffer.slice(all.byteOffset, all.byteOffset + all.length)};
}

/**
 * `y = x * w`: of `w` [2, 3] the codes are two to a byte, the first three below, and each column has a zero point and a scale; of
 * `v` [2] there is a byte each. A weight of the model's own, one of a function, and a table lie beside them.
 */
function packedModel({table = true} = {}) {
  const codes = [[1, 2, 3], [15, 0, 7]];
  const placeholder = (name, ...sizes) => ({op: 'Placeholder', name, attr: {...FLOAT, shape: {shape: shapeOf(...sizes)}}});
  const filled = [node('Const', 'keys'), node('Const', 'texts'), node('HashTableV2', 'table'), node('LookupTableImportV2', 'import', 'table', 'keys', 'texts')];
  return {
    format: 'graph-model',
    modelTopology: {
      node: [placeholder('x', -1, 2), placeholder('w', 2, 3), placeholder('v', 2), node('Const', 'own'), node('MatMul', 'y', 'x', 'w')],
      library: {function: [{nodeDef: [node('Const', 'inner')]}]},
      versions: {producer: 1},
    },
    signature: {inputs: {x: {name: 'x:0', dtype: 'DT_FLOAT'}, w: number('w', 1, 2, 3), v: number('v', 2, 2)}, outputs: {y: {name: 'y:0'}}},
    initializerSignature: {outputs: {
      ...(table && {import: {name: 'import:0', dtype: 'DT_RESOURCE', resourceId: 1}}), w: number('w', 1, 2, 3), v: number('v', 2, 2),
    }},
    modelInitializer: {versions: {producer: 1}, node: [
      ...(table ? filled : []),
      ...['bytes', 'sixteenth', 'sixteen', 'sizes', 'axis', 'shape', 'zero', 'scale', 'v/codes', 'v/scale', 'v/offset'].map(name => node('Const', name)),
      node('Mul', 'shifted', 'bytes', 'sixteenth'),
      node('Floor', 'high', 'shifted'),
      node('Mul', 'back', 'high', 'sixteen'),
      node('Sub', 'low', 'bytes', 'back'),
      node('ConcatV2', 'codes', 'low', 'high', 'axis'),
      node('SplitV', 'parts', 'codes', 'sizes', 'axis'),
      node('Reshape', 'shaped', 'parts', 'shape'),
      node('Sub', 'steps', 'shaped', 'zero'),
      node('Mul', 'w', 'steps', 'scale'),
      node('Mul', 'v/scaled', 'v/codes', 'v/scale'),
      node('AddV2', 'v', 'v/scaled', 'v/offset'),
    ]},
    ...stored([
      ['own', [2], 'float32', null, [5, 6]],
      ...(table ? [['texts', [2], 'string', null, ['a', 'bcd']]] : []),
      ['inner', [1], 'int32', null, [7]],
      ...(table ? [['keys', [2], 'int32', null, [3, 4]]] : []),
      ['bytes', [4], 'float32', bytes, [1 | codes[1][0] << 4, 2 | codes[1][1] << 4, 3 | codes[1][2] << 4, 0]],
      ['sixteenth', [], 'float32', null, [1 / 16]],
      ['sixteen', [], 'float32', null, [16]],
      ['sizes', [2], 'int32', null, [6, 2]],
      ['axis', [], 'int32', null, [0]],
      ['shape', [2], 'int32', null, [2, 3]],
      ['zero', [1, 3], 'float32', {dtype: 'uint16', scale: 1, min: -300}, [300, 308, 0]],
      ['scale', [1, 3], 'float32', {dtype: 'float16'}, [0x3c00, 0x3800, 0x0001]], // 1, 1/2 and the least of all
      ['v/codes', [2], 'float32', bytes, [200, 255]],
      ['v/scale', [1], 'float32', null, [0.1]],
      ['v/offset', [1], 'float32', null, [-1.7]],
    ]),
  };
}

/** The codes that lie in the bytes are 1 2 3 0 and 15 0 7 0: the first six are the weight's. */
const W = [1, (2 - 8) / 2, (3 + 300) * 2 ** -24, 0, (15 - 8) / 2, (0 + 300) * 2 ** -24];
const V = [200, 255].map(code => Math.fround(Math.fround(code * Math.fround(0.1)) + Math.fround(-1.7)));

const floatsAt = (data, start, count) => [...new Float32Array(data.slice(start, start + 4 * count))];

test('packed weights become plain ones, and the initializer is left with the tables', () => {
  const given = packedModel();
  const before = JSON.stringify(given);
  const plain = unpacked(given);
  assert.equal(JSON.stringify(given), before);
  assert.deepEqual(plain.weightSpecs.map(({name}) => name), ['own', 'texts', 'inner', 'keys', 'w', 'v']);
  assert.deepEqual(plain.weightSpecs.at(-2), {name: 'w', shape: [2, 3], dtype: 'float32'});
  const start = plain.weightData.byteLength - 4 * 8;
  assert.deepEqual(floatsAt(plain.weightData, start, 8), [...W, ...V]);
  assert.deepEqual(floatsAt(plain.weightData, 0, 2), [5, 6]);
  assert.equal(start, 8 + (5 + 7) + 4 + 8);
  assert.deepEqual(Object.keys(plain.signature.inputs), ['x']);
  assert.deepEqual(plain.modelTopology.node.map(({op, name}) => `${op} ${name}`), ['Placeholder x', 'Const w', 'Const v', 'Const own', 'MatMul y']);
  assert.deepEqual(plain.modelInitializer.node.map(({name}) => name), ['keys', 'texts', 'table', 'import']);
  assert.equal('initializerSignature' in plain, false);
});

test('without tables no initializer is left', () => {
  const plain = unpacked(packedModel({table: false}));
  assert.equal('modelInitializer' in plain, false);
  assert.deepEqual(plain.weightSpecs.map(({name}) => name), ['own', 'inner', 'w', 'v']);
});

test('shards that come one by one are read as one', () => {
  const model = packedModel();
  const parts = [0, 3, 40].map((start, i, starts) => model.weightData.slice(start, starts[i + 1]));
  const [whole, cut] = [model, {...model, weightData: parts}].map(each => Buffer.from(unpacked(each).weightData));
  assert.deepEqual(cut, whole);
});

test('what several read is not overwritten by any', () => {
  const given = packedModel();
  const {node: nodes} = given.modelInitializer;
  // both weights are made of v, of which one is; and one of them reads it twice, in another shape
  const made = ['Reshape flat v shape/1', 'Mul square v v:0', 'AddV2 sum square flat', 'Sub w sum v/scale'];
  const others = nodes.filter(({name}) => name !== 'w');
  given.modelInitializer.node = [...others, node('Const', 'shape/1'), ...made.map(text => node(...text.split(' ')))];
  const more = stored([['shape/1', [1], 'int32', null, [2]]]);
  given.weightSpecs.push(...more.weightSpecs);
  given.weightData = Buffer.concat([Buffer.from(given.weightData), Buffer.from(more.weightData)]);
  given.weightData = given.weightData.buffer.slice(given.weightData.byteOffset, given.weightData.byteOffset + given.weightData.length);
  const plain = unpacked(given);
  const wanted = V.map(value => Math.fround(Math.fround(Math.fround(value * value) + value) - Math.fround(0.1)));
  assert.deepEqual(floatsAt(plain.weightData, plain.weightData.byteLength - 16, 4), [...wanted, ...V]);
});

test('without the initializer\'s signature, as older releases load it, names tell', () => {
  const {initializerSignature, ...older} = packedModel();
  assert.deepEqual(unpacked(older), unpacked(packedModel()));
});

test('a model without packed weights is taken as it is', () => {
  const {modelInitializer, initializerSignature, ...plain} = packedModel();
  const {w, v, ...inputs} = plain.signature.inputs;
  const table = {table: {name: 'table:0', dtype: 'DT_RESOURCE', resourceId: 9}};
  for (const model of [
    {...plain, signature: {...plain.signature, inputs}},
    {...plain, signature: undefined},
    {...plain, modelInitializer, signature: {inputs: {...inputs, ...table}}, initializerSignature: {outputs: table}},
  ]) {
    assert.equal(unpacked(model), model);
  }
});

test('what cannot be unpacked is said', () => {
  const odd = packedModel();
  odd.modelInitializer.node.find(({name}) => name === 'high').op = 'Erf';
  assert.throws(() => unpacked(odd), {message: "the weights can't be unpacked: the initializer has the op Erf"});
  const lost = packedModel();
  lost.modelInitializer.node = lost.modelInitializer.node.filter(({name}) => name !== 'v');
  assert.throws(() => unpacked(lost), {message: "the weights can't be unpacked: nothing makes v"});
  const short = packedModel();
  short.weightData = short.weightData.slice(0, -4);
  assert.throws(() => unpacked(short), {message: 'the weight v/offset is cut off'});
});

/** A runtime that keeps what it is asked to load, and runs `run`. */
function world({artifacts = packedModel(), run = tf => tf.tensor(new Float32Array(1), [1], 'float32'), inputs} = {}) {
  const tf = fakeTf();
  const seen = {loaded: null, saved: null, calls: [], disposed: 0, asked: []};
  const model = {
    weights: {},
    inputs: inputs ?? [{name: 'x', shape: [-1, 2], dtype: 'float32'}],
    inputNodes: (inputs ?? [{name: 'x'}]).map(({name}) => name),
    outputNodes: ['y'],
    modelSignature: {inputs: {table: {resourceId: 1}}},
    execute: (given, outputs) => {
      seen.calls.push([Object.fromEntries(Object.entries(given).map(([name, {shape}]) => [name, shape])), outputs]);
      return run(tf);
    },
    executeAsync: async () => tf.tensor(new Float32Array(1), [1], 'float32'),
    save: async () => 'the runtime saved',
    dispose: () => (seen.disposed += 1),
  };
  const handler = (url, options) => ({load: async () => (seen.asked.push([url, options]), artifacts)});
  Object.assign(tf, {
    zeros: (shape, dtype) => tf.tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape, dtype),
    io: {
      getLoadHandlers: (url, options) => (url.startsWith('indexeddb') ? [handler(url, options)] : []),
      browserHTTPRequest: handler,
      getSaveHandlers: place => (place.startsWith('indexeddb') ? [{save: async given => ((seen.saved = given), 'saved')}] : []),
    },
    loadGraphModel: async given => {
      seen.loaded = await given.load();
      return model;
    },
  });
  return {tf, seen, artifacts};
}

test('the runtime gets a plain model, and saves the packed one', async () => {
  const {tf, seen, artifacts} = world();
  const model = await loadModel('m.json', {tf, onProgress: null});
  assert.deepEqual(seen.asked, [['m.json', {onProgress: null, streamWeights: false}]]);
  assert.equal('initializerSignature' in seen.loaded, false);
  assert.equal(await model.save('indexeddb://m'), 'saved');
  assert.equal(seen.saved, artifacts);
  await assert.rejects(model.save('ftp://m'), {message: 'nothing saves to ftp://m'});
  const plain = world({artifacts: unpacked(packedModel())});
  assert.equal(await (await loadModel('indexeddb://m', {tf: plain.tf})).save('indexeddb://m'), 'the runtime saved');
});

test('a handler is taken as it is', async () => {
  const {tf, seen, artifacts} = world();
  await loadModel({load: () => artifacts}, {tf});
  assert.deepEqual(seen.asked, []);
  assert.notEqual(seen.loaded, null);
});

test('the first run is on zeros of the right shapes, and leaves nothing behind', async () => {
  const inputs = [{name: 'x', shape: [-1, 2], dtype: 'float32'}, {name: 'table', shape: [], dtype: 'resource'}];
  const {tf, seen} = world({inputs});
  await loadModel('m.json', {tf});
  await loadModel('m.json', {tf, warmUp: {x: [7, 2]}});
  await loadModel('m.json', {tf, warmUp: false});
  assert.deepEqual(seen.calls, [[{x: [1, 2]}, ['y']], [{x: [7, 2]}, ['y']]]);
  assert.equal(tf.alive.size, 0);
});

test('a graph with dynamic ops is warmed up the slower way', async () => {
  const {tf} = world({run: () => {
    throw new Error("the dynamic op 'While'. Please use model.executeAsync() instead.");
  }});
  await loadModel('m.json', {tf});
  assert.equal(tf.alive.size, 0);
});

test('what is wrong is said, and nothing is left', async () => {
  await assert.rejects(loadModel('m.json'), {message: 'there is no TensorFlow.js: load it before, or hand it in as {tf}'});
  const failing = {run: () => {
    throw new Error('too small.');
  }};
  const unranked = {inputs: [{name: 'x', shape: undefined, dtype: 'float32'}]};
  for (const [options, warmUp, message] of [
    [{}, {z: [1]}, 'warmUp: the model has no input z, but x'],
    [unranked, true, 'warmUp: give the shape of the input x, as in {warmUp: {"x": [1, 2]}}, or false'],
    [failing, true, 'the first run, on zeros of {x: [1,2]}, failed: too small. Give other shapes, or {warmUp: false}.'],
  ]) {
    const {tf, seen} = world(options);
    await assert.rejects(loadModel('m.json', {tf, warmUp}), {message});
    assert.equal(seen.disposed, 1);
    assert.equal(tf.alive.size, 0);
  }
});
