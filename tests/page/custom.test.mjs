/** Scripts that register custom ops: what they did not do as said is told with the script's name. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {registerCustomOps} from '../../tfjsci/browser/page/custom.mjs';
import {fakeTf} from './fake_tf.mjs';

const job = (...ops) => ({backend: 'cpu', custom: [{script: 'js/my.js', url: '/scripts/0', ops}]});

/** The world of a script that does `work`, on the backend cpu. */
async function world(work) {
  const tf = fakeTf();
  await tf.setBackend('cpu');
  return {tf, loadScript: async url => work(tf, url)};
}

test('an op is registered with the runtime, and nothing of ours stays there', async () => {
  const {tf, loadScript} = await world((tf, url) => tf.registerOp('My', () => url));
  const {registerOp} = tf;
  await registerCustomOps(job('My'), {tf, loadScript});
  assert.equal(tf.registered.My(), '/scripts/0');
  assert.equal(tf.registerOp, registerOp);
});

test('more than was said is as good', async () => {
  await registerCustomOps(job('My'), await world(tf => ['My', 'More'].forEach(name => tf.registerOp(name, () => {}))));
});

test('several scripts run in their order', async () => {
  const order = [];
  const both = {backend: 'cpu', custom: ['a', 'b'].map(url => ({script: url, url, ops: []}))};
  await registerCustomOps(both, await world((tf, url) => order.push(url)));
  assert.deepEqual(order, ['a', 'b']);
});

for (const [what, work, message] of [
  ['registers another op', tf => tf.registerOp('Mine', () => {}), "js/my.js doesn't register My while it is loaded: it registers Mine"],
  ['registers nothing', () => {}, "js/my.js doesn't register My while it is loaded: it registers no op"],
  ['throws', () => { throw new ReferenceError('x is not defined'); }, 'js/my.js threw ReferenceError: x is not defined'],
  ['throws words', () => { throw 'words'; }, 'js/my.js threw words'],
  ['turns to another backend', async tf => {
    tf.registerOp('My', () => {});
    await tf.setBackend('webgl');
  }, 'js/my.js turned from cpu to webgl'],
]) {
  test(`a script that ${what}`, async () => {
    await assert.rejects(registerCustomOps(job('My'), await world(work)), {message});
  });
}
