"""Tests of the stand-in for QuickBooks Online."""
