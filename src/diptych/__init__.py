"""diptych: write captions, check them against the image, curate the pairs, train on them, measure both."""

__version__ = "0.1.0"
