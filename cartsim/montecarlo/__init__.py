"""Many replications: blocks, where they are computed and kept, and what they amount to."""
