"""Position matrices: files, scanning and comparison."""
