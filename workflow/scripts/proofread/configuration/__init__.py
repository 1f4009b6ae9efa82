"""What a user may write: keys, files and names, checked before any job."""
