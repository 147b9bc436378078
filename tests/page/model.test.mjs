/** A model by its signature: names, order, the slower way of running, and whose tensors are freed. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {loadModel} from '../../tfjsci/browser/page/model.mjs';
import {addingModel, fakeTf, handingThrough} from './fake_tf.mjs';

const load = (model, tf = fakeTf({models: {m: model}})) => loadModel('m', {tf, fetch: async () => new Response('')}).then(loaded => [loaded, tf]);

test('outputs come by signature name', async () => {
  const [model, tf] = await load(addingModel({step: 2}));
  const outputs = await model.run({x: tf.tensor(new Float32Array([1, 2]), [2], 'float32')});
  assert.deepEqual(outputs.map(({name, tensor}) => [name, [...tensor.values]]), [['y', [3, 4]]]);
});

test('tensors inside of the graph come by the names that they are asked for with', async () => {
  const asked = [];
  const [model, tf] = await load(tf => ({...addingModel({step: 1})(tf), execute: (_, names) => {
    asked.push(names);
    return names.map(name => tf.tensor(new Float32Array([name.length]), [1], 'float32'));
  }}));
  const inputs = {x: tf.tensor(new Float32Array([1]), [1], 'float32')};
  const made = await model.run(inputs, ['conv:0', 'split:1']);
  assert.deepEqual(made.map(({name, tensor}) => [name, [...tensor.values]]), [['conv:0', [6]], ['split:1', [7]]]);
  await model.run(inputs);
  assert.deepEqual(asked, [['conv:0', 'split:1'], ['y']]);
});

test('an input with a resourceId is not asked for', async () => {
  const [model] = await load(addingModel({step: 1}));
  assert.doesNotThrow(() => model.check({x: null}));
});

test('a missing and an unknown input are both told', async () => {
  const [model] = await load(addingModel({step: 1}));
  assert.throws(() => model.check({}), {message: 'the model takes inputs ["x"], but was given []'});
  assert.throws(() => model.check({x: null, more: null}), {message: 'the model takes inputs ["x"], but was given ["x","more"]'});
});

test('a graph with dynamic ops is run the slower way, and says so', async () => {
  const [model, tf] = await load(addingModel({step: 1, dynamic: true}));
  const inputs = {x: tf.tensor(new Float32Array([1]), [1], 'float32')};
  assert.equal(model.isAsync(), false);
  assert.deepEqual([...(await model.run(inputs))[0].tensor.values], [2]);
  assert.equal(model.isAsync(), true);
});

test('another error is not taken for one', async () => {
  const [model] = await load(tf => ({...addingModel({step: 1})(tf), execute: () => { throw new Error('Kernel Foo not registered'); }}));
  await assert.rejects(model.run({}), {message: 'Kernel Foo not registered', stage: 'run'});
  assert.equal(model.isAsync(), false);
});

test('what is handed through is not freed, what was made is', async () => {
  const [through, tf] = await load(handingThrough);
  const inputs = {x: tf.tensor(new Float32Array([1]), [1], 'float32')};
  const before = tf.alive.size;
  through.release(await through.run(inputs), inputs);
  assert.equal(tf.alive.size, before);

  const [adding, other] = await load(addingModel({step: 1}));
  const given = {x: other.tensor(new Float32Array([1]), [1], 'float32')};
  const alive = other.alive.size;
  const outputs = await adding.run(given);
  assert.equal(other.alive.size, alive + 1);
  adding.release(outputs, given);
  assert.equal(other.alive.size, alive);
});

test('each shard is read whole before the next stage waits for all', async () => {
  let read = false;
  const answer = {status: 200, statusText: 'OK', headers: new Headers({'Content-Type': 'x'}), arrayBuffer: async () => {
    read = true;
    return new Uint8Array([1, 2, 3]).buffer;
  }};
  const tf = {...fakeTf(), loadGraphModel: async (url, {fetchFunc}) => {
    const response = await fetchFunc(url);
    assert.equal(read, true);
    assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [1, 2, 3]);
    return addingModel({step: 1})(fakeTf());
  }};
  await loadModel('m', {tf, fetch: async () => answer});
});

test('a model without a signature goes by what the runtime finds in its graph', async () => {
  const found = {inputs: [{name: 'x'}], outputs: [{name: 'y'}], weights: {}};
  for (const modelSignature of [undefined, {}, {inputs: {}, outputs: {}}]) {
    const [model] = await load(() => ({...found, modelSignature, execute: () => ({id: 7})}));
    model.check({x: 1});
    assert.throws(() => model.check({z: 1}), /takes inputs \["x"\]/);
    assert.deepEqual(await model.run({x: 1}), [{name: 'y', tensor: {id: 7}}]);
  }
});

/** What `loadLayersModel` gives: two inputs and outputs by position, the second output the sum. */
const layersModel = tf => ({
  inputNames: ['first', 'second'],
  outputNames: ['kept', 'sum'],
  predict: ([a, b]) => [
    tf.tensor(a.values.map(value => value), a.shape, 'float32'),
    tf.tensor(a.values.map((value, i) => value + b.values[i]), a.shape, 'float32'),
  ],
  dispose: () => {},
});

const loadLayers = async (file, tf = fakeTf()) => {
  const asked = [];
  tf.loadLayersModel = async (url, {fetchFunc}) => {
    assert.deepEqual(await (await fetchFunc(url)).json(), file);
    return layersModel(tf);
  };
  const fetch = async url => {
    asked.push(url);
    return new Response(JSON.stringify(file));
  };
  return [await loadModel('m', {tf, fetch}), tf, asked];
};

test('a layers model is given its inputs by position, under the names of its signature', async () => {
  const signature = {inputs: {x: {}, y: {}}, outputs: {same: {}, both: {}}};
  const [model, tf, asked] = await loadLayers({format: 'layers-model', signature});
  const inputs = {y: tf.tensor(new Float32Array([10]), [1], 'float32'), x: tf.tensor(new Float32Array([1]), [1], 'float32')};
  model.check(inputs);
  const outputs = await model.run(inputs);
  assert.deepEqual(outputs.map(({name, tensor}) => [name, [...tensor.values]]), [['same', [1]], ['both', [11]]]);
  assert.deepEqual(asked, ['m']);
  assert.equal(model.isAsync(), false);
  model.release(outputs, inputs);
  assert.equal(tf.alive.size, 2);
});

test('a layers model without a signature goes by the layers\' names', async () => {
  const [model] = await loadLayers({format: 'layers-model'});
  assert.throws(() => model.check({x: null}), {message: 'the model takes inputs ["first","second"], but was given ["x"]'});
  assert.doesNotThrow(() => model.check({first: null, second: null}));
});
