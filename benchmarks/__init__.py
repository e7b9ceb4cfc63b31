"""How fast it is, as ratios: each number is measured beside what it is compared with."""
