"""What the image runs: the action."""

from tfjsci.action import main

if __name__ == "__main__":
    raise SystemExit(main())
