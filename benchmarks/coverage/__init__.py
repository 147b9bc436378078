"""The coverage sweep: every Keras layer and function, whole nets and odd structures, through both converters, in the browser.

The cases of layers, functions and nets are the survey's (``script/survey``); odd structures are in ``structural.py``.
"""
