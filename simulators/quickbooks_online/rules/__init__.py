"""What the vendor refuses and what it computes, one module for each subject."""
