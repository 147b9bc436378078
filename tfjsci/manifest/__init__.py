"""The manifest ``tfjsci.yml``: what it may say (spec), what is wrong with it (parse), what came of it (resolved)."""
