"""A pad to draw digits on, in a notebook; its page is `pad.js`, `pad.css`."""

from helpers.pad.pad import DigitPad

__all__ = ["DigitPad"]
