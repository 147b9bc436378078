/** Whatever is thrown leaves the page as plain data, with the stage it came from. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {during, failureOf} from '../../tfjsci/browser/page/failure.mjs';
import {sendOutputs} from '../../tfjsci/browser/page/tensors.mjs';
import {fakeTf} from './fake_tf.mjs';

const caught = work => work.then(() => assert.fail('nothing was thrown'), failureOf);

test('an inner stage keeps its name', async () => {
  const failure = await caught(during('outer', () => during('inner', () => { throw new Error('no'); })));
  assert.deepEqual(failure, {failure: {stage: 'inner', message: 'no'}});
});

test('an error from nowhere belongs to the page', () => {
  assert.deepEqual(failureOf(new Error('no')), {failure: {stage: 'page', message: 'no'}});
});

for (const [thrown, message] of [
  ['words', 'words'],
  [{message: 'an object, as the wasm backend rejects with'}, 'an object, as the wasm backend rejects with'],
  [undefined, 'a value that is no error was thrown: undefined'],
  [7, 'a value that is no error was thrown: 7'],
]) {
  test(`thrown: ${JSON.stringify(thrown)}`, () => assert.equal(failureOf(thrown).failure.message, message));
}

test('a message is cut at 4000 characters, and says so', () => {
  assert.equal(failureOf(new Error('x'.repeat(4000))).failure.message.length, 4000);
  assert.match(failureOf(new Error('x'.repeat(4001))).failure.message, /^x{4000} … \(4001 characters\)$/);
});

test('strings travel in the description, numbers in the body, in order', async () => {
  const tf = fakeTf();
  let body;
  const fetch = async (url, init) => {
    body = new Uint8Array(await init.body.arrayBuffer());
    return new Response('');
  };
  const described = await sendOutputs([
    {name: 'word', tensor: tf.tensor(['ü'], [1], 'string')},
    {name: 'yes', tensor: tf.tensor(new Uint8Array([1, 0]), [2], 'bool')},
    {name: 'n', tensor: tf.tensor(new Int32Array([3]), [], 'int32')},
  ], 'here', {fetch});
  assert.deepEqual(described, [
    {name: 'word', dtype: 'string', shape: [1], strings: ['ü']},
    {name: 'yes', dtype: 'bool', shape: [2], bytes: 2},
    {name: 'n', dtype: 'int32', shape: [], bytes: 4},
  ]);
  assert.deepEqual([...body], [1, 0, 3, 0, 0, 0]);
});

test('numbers in an array of another kind than their dtype are sent as the dtype says', async () => {
  const tf = fakeTf();
  let body;
  const fetch = async (url, init) => {
    body = await init.body.arrayBuffer();
    return new Response('');
  };
  const described = await sendOutputs([
    {name: 'whole', tensor: tf.tensor(new Float32Array([7, -2]), [2], 'int32')},
    {name: 'real', tensor: tf.tensor(new Int32Array([3]), [1], 'float32')},
    {name: 'flag', tensor: tf.tensor(new Float32Array([1]), [1], 'bool')},
  ], 'here', {fetch});
  assert.deepEqual(described.map(({bytes}) => bytes), [8, 4, 1]);
  assert.deepEqual([...new Int32Array(body, 0, 2)], [7, -2]);
  assert.deepEqual([...new Float32Array(body, 8, 1)], [3]);
  assert.deepEqual([...new Uint8Array(body, 12)], [1]);
});

test('outputs that the server refuses are a failure', async () => {
  const refusing = {fetch: async () => new Response('', {status: 413})};
  await assert.rejects(sendOutputs([], 'here', refusing), /refused: 413/);
});
