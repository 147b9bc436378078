"""What of an HDF5 file lies in other files: links and datasets that would carry a file of this machine into the weights."""

from __future__ import annotations

from typing import Any


def outside_data(file: Any) -> str | None:
    """The path, in the open file, of a link or dataset that points to another file; None if there is none.

    Raises what h5py raises on a damaged file: ``OSError``, ``KeyError``, ``RuntimeError`` and others.
    """
    import h5py

    seen: set[int] = set()  # by address: groups may hold themselves, or each other many times over
    pending: list[tuple[str, Any]] = [("", file)]
    while pending:
        prefix, group = pending.pop()
        for name in group:
            path = f"{prefix}/{name}"
            if isinstance(link := group.get(name, getlink=True), h5py.ExternalLink):
                return path
            if not isinstance(link, h5py.HardLink):
                continue  # a soft link leads to what is visited under its own name, or nowhere
            item = group[name]
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                continue
            seen.add(address)
            if isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
                return path
            if isinstance(item, h5py.Group):
                pending.append((path, item))
    return None
