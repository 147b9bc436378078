/** A backend that isn't the one asked for, or that broke without saying so, is never taken for a good one. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {openBackend} from '../../tfjsci/browser/page/backend.mjs';
import {fakeTf} from './fake_tf.mjs';

const job = backend => ({backend, runtime: {scripts: [], wasm: '/runtime/'}});
const world = (tf, navigator = {hardwareConcurrency: 2}) => ({tf, navigator});

function fakeGpu() {
  const listeners = [];
  let lose;
  const device = {
    adapterInfo: {vendor: 'acme', architecture: 'rocket', device: '', description: 'Rocket 9'},
    addEventListener: (_, listener) => listeners.push(listener),
    lost: new Promise(resolve => (lose = resolve)),
  };
  const tf = fakeTf();
  tf.backend = () => ({device});
  return {tf, lose, complain: message => listeners.forEach(listener => listener({error: {message}}))};
}

const withAdapter = {hardwareConcurrency: 2, gpu: {requestAdapter: async () => ({})}};

test('wasm gets its files from our server, and says its threads', async () => {
  const tf = fakeTf();
  const backend = await openBackend(job('wasm'), world(tf));
  assert.equal(tf.wasmPath, '/runtime/');
  assert.equal((await backend.describe()).renderer, 'wasm threaded-simd ×2');
});

test('another backend than the one asked for is refused', async () => {
  await assert.rejects(openBackend(job('wasm'), world(fakeTf({backend: 'cpu'}))), {message: 'asked for wasm, TensorFlow.js chose cpu'});
});

test('webgpu that is turned off, or has no adapter, is told apart', async () => {
  await assert.rejects(openBackend(job('webgpu'), world(fakeTf())), /navigator\.gpu is missing/);
  const none = {gpu: {requestAdapter: async () => null}};
  await assert.rejects(openBackend(job('webgpu'), world(fakeTf(), none)), /no WebGPU adapter/);
});

test('webgpu names its adapter, and is sound while nobody complains', async () => {
  const {tf} = fakeGpu();
  const backend = await openBackend(job('webgpu'), world(tf, withAdapter));
  assert.equal((await backend.describe()).renderer, 'acme rocket Rocket 9');
  assert.doesNotThrow(backend.stillSound);
});

test('an error that WebGPU raised on the side is a failure', async () => {
  const {tf, complain} = fakeGpu();
  const backend = await openBackend(job('webgpu'), world(tf, withAdapter));
  complain('Buffer binding size is larger than the maximum');
  assert.throws(backend.stillSound, {message: 'Buffer binding size is larger than the maximum'});
});

test('a lost WebGPU device is a failure', async () => {
  const {tf, lose} = fakeGpu();
  const backend = await openBackend(job('webgpu'), world(tf, withAdapter));
  lose({reason: 'unknown', message: 'gone'});
  await new Promise(setImmediate);
  assert.throws(backend.stillSound, {message: 'the WebGPU device was lost (unknown): gone'});
});

for (const [name, gl, message] of [
  ['a lost WebGL context', {isContextLost: () => true}, /context was lost/],
  ['WebGL out of memory', {isContextLost: () => false, OUT_OF_MEMORY: 1285, getError: () => 1285}, /out of memory/],
]) {
  test(`${name} is a failure`, async () => {
    const tf = fakeTf();
    tf.env = () => ({set: () => {}, getAsync: async () => true});
    tf.backend = () => ({getGPGPUContext: () => ({gl})});
    const backend = await openBackend(job('webgl'), world(tf));
    assert.throws(backend.stillSound, message);
  });
}

test('webgl is asked without a pause only where it is timed: elsewhere the asking would take the processor from a software GPU', async () => {
  for (const kind of ['time', 'predict', 'intermediates', 'probe']) {
    const set = {};
    const tf = fakeTf();
    tf.env = () => ({set: (name, value) => (set[name] = value), getAsync: async () => true});
    tf.backend = () => ({getGPGPUContext: () => ({gl: {}})});
    await openBackend({...job('webgl'), kind}, world(tf));
    assert.deepEqual(set, {USE_SETTIMEOUTCUSTOM: kind === 'time'});
  }
});
