"""The accounting systems, behind one small interface."""
