"""The dataset file and everything that makes one."""
