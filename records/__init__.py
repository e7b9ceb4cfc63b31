"""The records of the order system, and the triggers that notice their changes."""
