"""Which node, and which weight: two runs of one graph held against each other from its inputs on."""
