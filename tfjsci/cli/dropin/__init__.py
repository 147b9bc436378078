"""The command ``tensorflowjs_converter``: the command line of upstream's converter, and this package's conversion behind it."""
