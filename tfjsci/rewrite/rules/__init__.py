"""The optimising rules, one a file. Their order, with its reasons, is in :mod:`tfjsci.rewrite.pipeline`."""
