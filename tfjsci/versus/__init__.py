"""Any two held against each other: a model, a converted model, a variant of it, or the results of two runs."""
