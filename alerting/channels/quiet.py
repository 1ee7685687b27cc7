"""Client libraries write addresses, and the tokens in them, to their logs; ours must not have them."""

from __future__ import annotations

import logging


def quiet(*loggers: str) -> None:
    """Keep all below WARNING of these libraries out of every log: their request lines hold the whole URL."""
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)
