/** The page's end of the contract: each golden job gets its golden answer. Python reads the same files. */

import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';

import {runJob} from '../../tfjsci/browser/page/jobs.mjs';
import {addingModel, fakeClock, fakeFetch, fakeTf} from './fake_tf.mjs';

const folder = new URL('golden/', import.meta.url);

for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
  test(file, async () => {
    const {job, bodies, world = {}, posted, answer} = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const models = Object.fromEntries(job.models.map((url, index) => [url, addingModel((world.models ?? [])[index] ?? {step: 1})]));
    const tf = fakeTf({backend: world.backend, models});
    const loadScript = async url => world.registers[url].forEach(op => tf.registerOp(op, () => {}));
    const server = fakeFetch(bodies);
    const found = await runJob(job, {tf, loadScript, fetch: server.fetch, now: fakeClock(), navigator: {hardwareConcurrency: 4}});
    assert.deepEqual(found, answer);
    assert.deepEqual(server.posted, posted);
  });
}
