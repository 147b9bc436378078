"""GitHub from the inside of a workflow's step: inputs, log commands, files, the event, and the REST interface."""
