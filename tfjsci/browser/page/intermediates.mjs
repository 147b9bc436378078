/** What nodes inside of the graph make of one set of inputs: the tensors that the job names, posted as one body. */

import {during} from './failure.mjs';
import {receiveInputs, sendOutputs} from './tensors.mjs';

export async function intermediates(job, world) {
  const model = await world.load(job.models[0]);
  const inputs = await during('inputs', () => receiveInputs(job.inputs[0], world));
  await during('inputs', () => model.check(inputs));
  const made = await model.run(inputs, job.tensors);
  const described = await during('outputs', () => sendOutputs(made, `${job.outputs}0`, world));
  return {predictions: [described], async: model.isAsync()};
}
