"""What the page shows of a method, beside a template of the same name."""
