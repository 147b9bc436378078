"""Times from the browser, and what they come to."""
