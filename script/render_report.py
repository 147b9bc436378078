#!/usr/bin/env python3
"""A report.md as a picture of how GitHub shows it, through Chromium: for the README, and for looking at golden files.

script/render_report.py out/report.md docs/report.png [--open] [--width 1012]
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
from pathlib import Path

from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

# Like GitHub's, as far as our reports use it; written for this picture.
STYLE = """
body { margin: 0; background: #fff }
article { box-sizing: border-box; padding: 24px 32px; color: #1f2328; overflow-wrap: break-word;
  font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, "Noto Color Emoji", sans-serif }
h3 { font-size: 1.25em; margin: 0 0 16px; line-height: 1.25 }
p, ul, ol, table, details, pre { margin: 0 0 16px }
ul, ol { padding-left: 2em } li + li { margin-top: 4px } li > ul, li > ol, li > p { margin: 0 0 8px }
code { font: 85%/1.45 ui-monospace, "Liberation Mono", "DejaVu Sans Mono", monospace; background: #818b981f;
  padding: .2em .4em; border-radius: 6px; white-space: break-spaces }
pre { background: #f6f8fa; padding: 16px; border-radius: 6px; overflow: auto } pre code { background: none; padding: 0 }
table { border-collapse: collapse; display: block; width: max-content; max-width: 100%; overflow: auto }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px } tr:nth-child(2n) { background: #f6f8fa } th { font-weight: 600 }
summary { cursor: pointer } svg { width: 1em; height: 1em; vertical-align: -.15em }
"""
# A machine that renders reports need not have a font with emoji.
ICONS = {
    "✅": '<rect width="16" height="16" rx="2" fill="#3fb34f"/><path d="M3 8.5l3.5 3.5L13 4.5" fill="none" stroke="#fff" '
    'stroke-width="2.2"/>',
    "⚠️": '<path d="M8 .8L15.6 15H.4z" fill="#ffc83d"/><path d="M8 5.5v5M8 11.8v1.7" stroke="#222" stroke-width="1.7"/>',
    "❌": '<path d="M2 2l12 12M14 2L2 14" stroke="#e5334a" stroke-width="3.6"/>',
}


def to_html(markdown: str, *, opened: bool) -> str:
    """A page with the report in it; ``opened`` shows what is folded."""
    body = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown)
    # GitHub strips what could act; a picture of a hostile report must not run it either.
    body = re.sub(r"<(/?)(script|style|iframe|img|link|meta|form|object)\b", r"&lt;\1\2", body, flags=re.IGNORECASE)
    for icon, drawing in ICONS.items():
        body = body.replace(icon, f'<svg viewBox="0 0 16 16" role="img">{drawing}</svg>')
    if opened:
        body = body.replace("<details>", "<details open>")
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><article>{body}</article>"


def browser_path() -> str | None:
    """TFJSCI_BROWSER, or a Chrome or Chromium on the PATH; None means Playwright's own."""
    found = (shutil.which(name) for name in ("google-chrome", "chromium", "chromium-browser"))
    return os.environ.get("TFJSCI_BROWSER") or next(filter(None, found), None)


def main() -> None:
    """Read the command line, write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--open", action="store_true", help="show what is folded, too")
    parser.add_argument("--width", type=int, default=1012, help="in CSS pixels; GitHub's column is 1012 wide")
    parser.add_argument("--scale", type=float, default=1.0, help="device pixels for each CSS pixel")
    arguments = parser.parse_args()
    html = to_html(arguments.report.read_text(encoding="utf-8"), opened=arguments.open)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(
            viewport={"width": arguments.width, "height": 200},
            device_scale_factor=arguments.scale,
            java_script_enabled=False,
        )
        page.set_content(html)
        page.screenshot(path=arguments.picture, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
