"""A model of Kaggle's, by its handle: fetched and kept by ``kagglehub``, which isn't installed with this package."""

from __future__ import annotations

import importlib
from pathlib import Path

from tfjsci.errors import DownloadFailed, PackageMissing
from tfjsci.quoted import quoted


def fetched_from_kaggle(handle: str) -> Path:
    """The folder (or file) that ``kagglehub`` keeps the model in.

    ``handle`` is ``owner/model/framework/variation``, with ``/version`` or without. Raises ``PackageMissing`` and
    ``DownloadFailed``.
    """
    try:
        kagglehub = importlib.import_module("kagglehub")
    except ImportError as error:
        raise PackageMissing(
            f"the model {handle} is Kaggle's, and kagglehub, which fetches it, can't be imported: {error}",
            hint="Install it: pip install 'tfjsci[kaggle]'; or download the model, and give its folder or .tar.gz.",
        ) from error
    try:
        return Path(kagglehub.model_download(handle))
    except Exception as error:  # its own kinds, requests', and OSError: each is told
        raise DownloadFailed(
            f"kagglehub can't fetch {handle}: {quoted(error)}",
            hint="Check the handle (owner/model/framework/variation), and that this account may read the model.",
        ) from error
