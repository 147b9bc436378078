/** Inputs that are no plain array: strings, and complex numbers, which come in pairs. */

import assert from 'node:assert/strict';
import test from 'node:test';

import {receiveInputs} from '../../tfjsci/browser/page/tensors.mjs';

const tf = {
  tensor: (values, shape, dtype) => ({values: Array.from(values), shape, dtype}),
  complex: (real, imag) => ({real, imag, dtype: 'complex64'}),
  tidy: make => make(),
};

const answering = bytes => async () => new Response(bytes);

test('a complex input is made of its two parts', async () => {
  const bytes = new Float32Array([1, 2, 0, -3]).buffer;
  const {x} = await receiveInputs({x: {dtype: 'complex64', shape: [2], data: '/in/0'}}, {tf, fetch: answering(bytes)});
  assert.deepEqual(x.real, {values: [1, 0], shape: [2], dtype: 'float32'});
  assert.deepEqual(x.imag, {values: [2, -3], shape: [2], dtype: 'float32'});
});

test('strings come as they are, numbers as bytes', async () => {
  const {s} = await receiveInputs({s: {dtype: 'string', shape: [2], strings: ['ä', '']}}, {tf, fetch: answering('')});
  assert.deepEqual(s, {values: ['ä', ''], shape: [2], dtype: 'string'});
  const bytes = new Int32Array([7]).buffer;
  const {i} = await receiveInputs({i: {dtype: 'int32', shape: [1], data: '/in/0'}}, {tf, fetch: answering(bytes)});
  assert.deepEqual(i, {values: [7], shape: [1], dtype: 'int32'});
});
