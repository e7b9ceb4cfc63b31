"""Tests of the simulators, each as its own process."""
